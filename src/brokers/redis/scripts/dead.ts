import { QUEUE } from './queue-prelude.ts';
import { script } from './script.ts';

/**
 * Dead letters of a shard, newest first. ARGV: 4 how many.
 * Answers six texts a letter: number, id, session, tenant, reason, attempts, and when. O(m).
 */
export const DEAD = script(
  'frees',
  QUEUE,
  String.raw`
due()
local r={}
local all=c('ZRANGE',Q..':dead',0,tonumber(A[4])-1,'REV','WITHSCORES')
for i=1,#all,2 do
  local v=c('HMGET',jk(all[i]),'sn','n','why','a','at')
  for _,x in ipairs({int(tonumber(all[i+1])),all[i],v[1],v[2],v[3],v[4],v[5]}) do r[#r+1]=x end
end
return r
`,
);

/**
 * Puts a dead letter back in line with all its attempts, and lets its slot have an outcome again. ARGV: 4 id. Answers 1, or 0
 * when there is none. O(log n).
 */
export const REQUEUE = script(
  'adds',
  QUEUE,
  String.raw`
local id=A[4]
if c('ZREM',Q..':dead',id)==0 then return 0 end
local v=c('HMGET',jk(id),'sn','sl','p')
local q=arrive(0)
c('SREM',Q..':jd:'..v[1],id)
c('HSET',jk(id),'a',0,'e',int(t),'q',q)
c('HDEL',jk(id),'why','at')
c('ZADD',Q..':age:'..v[3],int(t),id)
c('ZADD',Q..':js:'..v[1],q,id)
c('HDEL',S..':m:'..v[1],v[2])
ready(id,false)
return 1
`,
);
