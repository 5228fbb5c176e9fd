import { QUEUE } from './queue-prelude.ts';
import { script } from './script.ts';

/**
 * Leases the next job of a shard under a token above all before it. Classes go in strict order, but in turns 2, 4 and 6 of eight a
 * lower one goes first; tenants of a class take turns; jobs past their time are dropped on the way. None is handed out while too
 * many outcomes wait. Of a line that it empties everybody is told.
 *
 * ARGV: 4 worker, 5 lease, 6 classes as digits in order, 7 how many outcomes may wait in this shard, 8 and 9 a class, and the tenant whose
 * turn it is there.
 * Answers `none`, `behind`, `again` (256 entries were skipped: ask again) or `job`; then when something is due next, the version of the
 * lines, the heads of each class (as JSON, arrival and tenant of each of the next eight tenants, or nothing), and of a job: id, token,
 * attempt, most attempts, session, tenant, class, slot, revision, put at, body. O(log n) and what is skipped.
 */
export const CLAIM = script(
  'frees',
  QUEUE,
  String.raw`
due()
if A[3]=='jobs' and pending()>=tonumber(A[7]) then return heads({'behind',next_due()}) end
local order,classes={},A[6]
local turn=#classes>1 and tonumber(c('HGET',Q..':n','turn:'..classes) or '0') or 0
local low=turn>0 and turn%2==0 and turn/2+1 or 1
if low>#classes then low=1 end
order[1]=string.sub(classes,low,low)
for i=1,#classes do if i~=low then order[#order+1]=string.sub(classes,i,i) end end
local skipped,wanted=0,A[9]
for _,p in ipairs(order) do
  local ring=Q..':ring:'..p
  while true do
    local n
    if p==A[8] and wanted and c('LREM',ring,1,wanted)==1 then n=wanted else n=c('LPOP',ring) end
    if p==A[8] then wanted=nil end
    if not n then break end
    local l=Q..':l:'..p..':'..n
    local entry=c('LPOP',l)
    local more=c('EXISTS',l)==1
    if more then c('RPUSH',ring,n) end
    if entry then
      local q,id=string.match(entry,'^(%d+):%d+:(.*)$')
      local v=c('HMGET',jk(id),'s','q','x','m','sn','n','sl','rv','e','b','a')
      if v[1]=='r' and v[2]==q then
        if v[3]~='' and tonumber(v[3])<t then
          drop(id) count('expired')
        else
          local tok=tick()
          local a,ends=int(v[11]+1),t+tonumber(A[5])
          c('HSET',jk(id),'s','a','w',tok,'by',A[4],'a',a)
          c('ZADD',Q..':lease',int(ends),id)
          expect(ends)
          if #classes>1 then c('HSET',Q..':n','turn:'..classes,(turn+1)%8) end
          if not more then tell(p..':-:'..n) end
          local r=heads({'job',next_due()})
          for _,x in ipairs({id,tok,a,v[4],v[5],v[6],p,v[7],v[8],v[9],v[10]}) do r[#r+1]=x end
          return r
        end
      end
    end
    skipped=skipped+1
    if skipped>=256 then return heads({'again',next_due()}) end
  end
end
return heads({'none',next_due()})
`,
);
