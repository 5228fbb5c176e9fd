import { QUEUE } from './queue-prelude.ts';
import { script } from './script.ts';

/**
 * Brings a queue of a shard up to date, and tells how it is: leases that ran out and delays that are over are acted on.
 *
 * Answers: broker time, when something is due next, the version of the lines, the heads of each class (as of a claim), then
 * numbers: jobs a class, when the oldest a class was put (or nothing), leased, delayed, dead, superseded, expired, leases lost,
 * outcomes that are free, outcomes that are held. O(log n).
 */
export const LOOK = script(
  'frees',
  QUEUE,
  String.raw`
due()
local r=heads({int(t),next_due()})
for p=0,3 do r[#r+1]=int(c('ZCARD',Q..':age:'..p)) end
for p=0,3 do
  local e=first(Q..':age:'..p)
  r[#r+1]=e==math.huge and '' or int(e)
end
for _,k in ipairs({'lease','delay','dead'}) do r[#r+1]=int(c('ZCARD',Q..':'..k)) end
for _,k in ipairs({'superseded','expired','lost'}) do r[#r+1]=c('HGET',Q..':n',k) or '0' end
r[#r+1]=int(c('ZCARD',Q..':of'))
r[#r+1]=int(c('ZCARD',Q..':oh'))
return r
`,
);

/**
 * Where the first waiting jobs of sessions stand in their lines. ARGV: 4… sessions. Answers five texts for each that has one: session, class,
 * tenant, arrival, and how many of its line go before, or nothing when more than 1,000 do. O(n) in their lines up to there.
 */
export const POSITIONS = script(
  'reads',
  QUEUE,
  String.raw`
local r={}
local function find(sn)
  for _,id in ipairs(c('ZRANGE',Q..':js:'..sn,0,99)) do
    local v=c('HMGET',jk(id),'s','p','n','q','e')
    if v[1]=='r' then
      local before=c('LPOS',Q..':l:'..v[2]..':'..v[3],v[4]..':'..v[5]..':'..id,'MAXLEN',1000)
      for _,x in ipairs({sn,v[2],v[3],v[4],before and int(before) or ''}) do r[#r+1]=x end
      return
    end
  end
end
for i=4,#A do find(A[i]) end
return r
`,
);

/** Whether a session has jobs that wait, are delayed or leased. ARGV: 4 session. Answers 1 or 0. O(1). */
export const WORKED_ON = script('reads', QUEUE, String.raw`return int(c('EXISTS',Q..':js:'..A[4]))`);

/** The lines of a shard, at most 500 a class. Answers five texts a line: class, tenant, length, first arrival and last. O(n) in lines. */
export const LINES = script(
  'reads',
  QUEUE,
  String.raw`
local r={}
for p=0,3 do
  for _,n in ipairs(c('LRANGE',Q..':ring:'..p,0,499)) do
    local l=Q..':l:'..p..':'..n
    local a,z=c('LINDEX',l,0),c('LINDEX',l,-1)
    if a then
      for _,x in ipairs({p,n,c('LLEN',l),string.match(a,'^%d+'),string.match(z,'^%d+')}) do r[#r+1]=x end
    end
  end
end
return r
`,
);
