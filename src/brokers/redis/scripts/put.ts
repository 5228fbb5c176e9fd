import { QUEUE } from './queue-prelude.ts';
import { repeatable, script } from './script.ts';

/**
 * Takes a job, at most once for its id; a newer job of a key takes the place of one that waits and flags one that is leased. Refused
 * as a whole when the class is full.
 *
 * ARGV: 4 id, 5 session, 6 tenant, 7 class, 8 slot, 9 revision, 10 body, 11 key or nothing, 12 delay, 13 most attempts,
 * 14 not after or nothing, 15 how many jobs the class may hold in this shard, 16 which of a thousand this is. Answers `queued`, `duplicate` or `full`. O(log n).
 */
export const PUT = repeatable(
  script(
    'adds',
    QUEUE,
    String.raw`
due()
local id,sn,p,k=A[4],A[5],A[7],A[11]
if c('EXISTS',jk(id))==1 or tonumber(c('ZSCORE',Q..':recent',id) or '0')>t then return 'duplicate' end
if A[3]=='jobs' and known(sn,A[8],A[9]) then return 'duplicate' end
local old=k~='' and c('HGET',Q..':sk',k) or nil
local o=old and c('HMGET',jk(old),'s','p') or {}
local freed=(o[1]=='r' or o[1]=='d') and o[2]==p and 1 or 0
if c('ZCARD',Q..':age:'..p)-freed>=tonumber(A[15]) then return 'full' end
if o[1] then
  count('superseded')
  if o[1]=='a' then c('HSETNX',jk(old),'u','superseded') else drop(old) end
end
if k~='' then c('HSET',Q..':sk',k,id) c('HSET',jk(id),'k',k) end
local q,delay=arrive(tonumber(A[16])),tonumber(A[12])
c('HSET',jk(id),'s',delay>0 and 'd' or 'r','p',p,'n',A[6],'sn',sn,'sl',A[8],'rv',A[9],'b',A[10],'a',0,'m',A[13],'e',int(t),'q',q,'x',A[14])
c('ZADD',Q..':age:'..p,int(t),id)
c('ZADD',Q..':js:'..sn,q,id)
if delay>0 then c('ZADD',Q..':delay',int(t+delay),id) expect(t+delay) else line(id,p,A[6],q,int(t),false) end
return 'queued'
`,
  ),
);
