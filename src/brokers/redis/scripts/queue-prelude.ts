/**
 * What the scripts of a queue share. `ARGV[3]` is the queue's name, `jobs` or `hooks`; what is below `Q` is its own.
 *
 * | key           | type | holds                                                                                       |
 * | ------------- | ---- | ------------------------------------------------------------------------------------------- |
 * | `Q:j:<id>`    | hash | a job: `s` state (r ready, d delayed, a leased, f dead), `p` class 0–3, `n` tenant, `sn` session, `sl` slot, `rv` revision, `b` body, `a` attempts, `m` most attempts, `e` put at, `q` place of arrival, `k` key that supersedes, `x` not after, `w` token, `by` worker, `u` why nobody wants it |
 * | `Q:l:<p>:<n>` | list | ready jobs of a class and tenant, `<arrival>:<put at>:<id>`                                 |
 * | `Q:ring:<p>`  | list | tenants with ready jobs; the first is next                                                  |
 * | `Q:age:<p>`   | zset | every job that is ready, delayed or leased, by when it was put                              |
 * | `Q:lease`     | zset | leased jobs by deadline                                                                     |
 * | `Q:delay`     | zset | delayed jobs by when they are due                                                           |
 * | `Q:dead`      | zset | dead letters by number                                                                      |
 * | `Q:recent`    | zset | ids that are done, by until when they are known                                             |
 * | `Q:sk`        | hash | key that supersedes → newest job                                                            |
 * | `Q:js:<sn>`   | zset | a session's jobs by arrival; `Q:jd:<sn>`, a set, its dead letters                           |
 * | `Q:n`         | hash | counters: `fence`, `seq`, `ver`, `superseded`, `expired`, `lost`, `turn:<classes>`; `due`, before which nothing is due, and `look`, when that is looked at anew |
 * | `Q:o`         | hash | outcomes; `Q:of` and `Q:oh`, zsets, those that are free and held (by until when); `Q:os:<sn>`, a set, a session's |
 * | `S:m:<sn>`    | hash | slot → revision of its outcome, with `!` when nothing may follow                            |
 *
 * An arrival is 1,000 times the broker time, plus what its sender counts: it rises in a shard always, and between shards for what one
 * process puts.
 *
 * Tokens and outcome ids are one sequence: 64 numbers a millisecond, times 16, plus the shard, so that both tell their shard,
 * rise in a shard always, and between shards with time.
 *
 * Every step begins with what is due: deadlines that are over are acted on. So that it is cheap to know that none is, `due` is never after
 * the first of them; it is found anew when it has come, and each second, for what an older version put there.
 *
 * Of a job behind others of its line nobody is told: who knows of the line comes again.
 *
 * A step on one job costs O(log n) in the jobs of the shard; a job leaves a line of up to 1,000 at once, and a longer one when its
 * turn comes (claim sees that the arrival number is not its own any more).
 */
export const QUEUE = String.raw`
local Q=S..':q:'..A[3]
local function jk(id) return Q..':j:'..id end
local function count(k) c('HINCRBY',Q..':n',k,1) end
local function tick()
  local n=math.max(tonumber(c('HGET',Q..':n','fence') or '0')+1,t*64)
  c('HSET',Q..':n','fence',int(n))
  return int(n*16+tonumber(A[2]))
end
local function arrive(n)
  local q=int(math.max(tonumber(c('HGET',Q..':n','seq') or '0')+1,t*1000+n))
  c('HSET',Q..':n','seq',q)
  return q
end
local soon=0
local function expect(at)
  if at<soon then soon=at c('HSET',Q..':n','due',int(at)) end
end
local function tell(what,name) c('PUBLISH',P..'wake:'..(name or A[3]),A[2]..':'..c('HINCRBY',Q..':n','ver',1)..':'..what) end
local function known(sn,sl,rv)
  local m=c('HGET',S..':m:'..sn,sl)
  return m and (string.sub(m,-1)=='!' or tonumber(m)>=tonumber(rv))
end
local function line(id,p,n,q,e,front)
  local length=c(front and 'LPUSH' or 'RPUSH',Q..':l:'..p..':'..n,q..':'..e..':'..id)
  if length==1 then c('RPUSH',Q..':ring:'..p,n) end
  if length==1 or front then tell(p..':'..q..':'..n) end
end
local function ready(id,front)
  local v=c('HMGET',jk(id),'p','n','q','e')
  c('HSET',jk(id),'s','r')
  line(id,v[1],v[2],v[3],v[4],front)
end
local function unkey(id,k) if k and c('HGET',Q..':sk',k)==id then c('HDEL',Q..':sk',k) end end
local function drop(id)
  local v=c('HMGET',jk(id),'s','p','n','q','e','k','sn')
  if v[1]=='d' then c('ZREM',Q..':delay',id)
  elseif v[1]=='a' then c('ZREM',Q..':lease',id)
  elseif v[1]=='f' then c('ZREM',Q..':dead',id) c('SREM',Q..':jd:'..v[7],id)
  elseif v[1]=='r' then
    local l=Q..':l:'..v[2]..':'..v[3]
    if c('LLEN',l)<=1000 and c('LREM',l,1,v[4]..':'..v[5]..':'..id)==1 and c('EXISTS',l)==0 then
      c('LREM',Q..':ring:'..v[2],1,v[3])
    end
  end
  unkey(id,v[6])
  c('DEL',jk(id))
  c('ZREM',Q..':age:'..v[2],id)
  c('ZREM',Q..':js:'..v[7],id)
end
local function enter(id,v,json)
  local o=tick()
  c('HSET',Q..':o',o,cjson.encode({id,v[1],v[2],v[3],v[4],int(t)})..'\n'..json)
  c('ZADD',Q..':of',o,o)
  c('SADD',Q..':os:'..v[1],o)
  c('HSET',S..':m:'..v[1],v[2],v[3]..(v[5]=='1' and '' or '!'))
  c('PUBLISH',P..'outcomes',A[2])
end
local function kill(id,why)
  local v=c('HMGET',jk(id),'sn','sl','rv','a','p','k')
  c('ZREM',Q..':lease',id)
  unkey(id,v[6])
  c('ZREM',Q..':age:'..v[5],id)
  c('ZREM',Q..':js:'..v[1],id)
  c('SADD',Q..':jd:'..v[1],id)
  c('HSET',jk(id),'s','f','why',why,'at',int(t))
  c('HDEL',jk(id),'w','by','u')
  c('ZADD',Q..':dead',tick(),id)
  local old=int((t-86400000)*1024)
  for _,one in ipairs(c('ZRANGEBYSCORE',Q..':dead','-inf',old,'LIMIT',0,10)) do drop(one) end
  if c('ZCARD',Q..':dead')>1000 then drop(c('ZRANGE',Q..':dead',0,0)[1]) end
  if A[3]=='jobs' then enter(id,v,'{"type":"dead","reason":'..cjson.encode(why)..',"attempts":'..v[4]..'}') end
end
local function back(id,delay,dead,why)
  local v=c('HMGET',jk(id),'u','a','m')
  if v[1] then drop(id)
  elseif dead or tonumber(v[2])>=tonumber(v[3]) then kill(id,why)
  else
    c('ZREM',Q..':lease',id)
    c('HDEL',jk(id),'w','by')
    if delay>0 then c('HSET',jk(id),'s','d') c('ZADD',Q..':delay',int(t+delay),id) expect(t+delay) else ready(id,true) end
  end
end
local function first(k) return tonumber(c('ZRANGE',k,0,0,'WITHSCORES')[2] or 'inf') or math.huge end
local function due()
  local v=c('HMGET',Q..':n','due','look')
  soon=tonumber(v[1] or '0')
  local look=tonumber(v[2] or '0')-t
  if t<soon and look>0 and look<=1000 then return end
  for _,id in ipairs(c('ZRANGEBYSCORE',Q..':delay','-inf',int(t),'LIMIT',0,64)) do
    c('ZREM',Q..':delay',id) ready(id,false)
  end
  for _,id in ipairs(c('ZRANGEBYSCORE',Q..':lease','-inf',int(t),'LIMIT',0,64)) do
    count('lost')
    back(id,0,false,(c('HGET',jk(id),'by') or 'its worker')..' did not answer in time')
  end
  for _,o in ipairs(c('ZRANGEBYSCORE',Q..':oh','-inf',int(t),'LIMIT',0,1000)) do
    c('ZREM',Q..':oh',o) c('ZADD',Q..':of',o,o)
    c('PUBLISH',P..'outcomes',A[2])
  end
  c('ZREMRANGEBYSCORE',Q..':recent','-inf',int(t))
  soon=math.min(first(Q..':lease'),first(Q..':delay'),first(Q..':oh'))
  c('HSET',Q..':n','due',soon==math.huge and 'inf' or int(soon),'look',int(t+1000))
end
local function next_due() return soon==math.huge and '' or int(soon) end
local function heads(r)
  r[#r+1]=c('HGET',Q..':n','ver') or '0'
  for p=0,3 do
    local all={}
    for _,n in ipairs(c('LRANGE',Q..':ring:'..p,0,7)) do
      local e=c('LINDEX',Q..':l:'..p..':'..n,0)
      if e then all[#all+1]={string.match(e,'^%d+'),n} end
    end
    r[#r+1]=#all>0 and cjson.encode(all) or ''
  end
  return r
end
local function own(id,tok) local v=c('HMGET',jk(id),'s','w') return v[1]=='a' and v[2]==tok end
local function finish(id,remember)
  drop(id)
  if c('ZCARD',Q..':recent')>=100000 then c('ZREMRANGEBYRANK',Q..':recent',0,0) end
  c('ZADD',Q..':recent',int(t+tonumber(remember)),id)
end
local function pending() return c('ZCARD',Q..':of')+c('ZCARD',Q..':oh') end
`;
