import { repeatable, script } from './script.ts';

/**
 * Records: `S:s:<kind>:<id>`, a hash of version `v`, tenant `n`, record `r` and end of life `x`; `S:i:<kind>` and `S:i:<kind>:<tenant>`, zsets of
 * ids; `S:x:<kind>`, a zset of ids by end of life. ARGV: 3 kind, 4 id.
 */
const RECORD = String.raw`
local K=S..':s:'..A[3]..':'..A[4]
local function lives(v) return v[1] and (not v[4] or tonumber(v[4])>t) end
local function read() return c('HMGET',K,'v','n','r','x') end
local function set_end(ttl)
  if ttl=='' then return end
  local x=int(t+tonumber(ttl))
  c('HSET',K,'x',x) c('ZADD',S..':x:'..A[3],x,A[4])
end
`;

/** Removes the record of `ARGV[4]`. */
export const REMOVE_RECORD = String.raw`
local function remove_record(kind,id)
  local k=S..':s:'..kind..':'..id
  local n=c('HGET',k,'n')
  if not n then return 0 end
  c('DEL',k) c('ZREM',S..':x:'..kind,id) c('ZREM',S..':i:'..kind,id) c('ZREM',S..':i:'..kind..':'..n,id)
  return 1
end
`;

/**
 * Creates a record where none lives. ARGV: 5 tenant, 6 record, 7 time to live or nothing. Answers `created`; `exists` with version, tenant and
 * record; or `over`: one whose time is over has to be forgotten first. O(log n).
 */
export const CREATE = script(
  'adds',
  RECORD,
  String.raw`
local v=read()
if lives(v) then return {'exists',v[1],v[2],v[3]} end
if v[1] then return {'over'} end
c('HSET',K,'v',1,'n',A[5],'r',A[6])
c('ZADD',S..':i:'..A[3],0,A[4])
c('ZADD',S..':i:'..A[3]..':'..A[5],0,A[4])
set_end(A[7])
return {'created'}
`,
);

/** Answers version, tenant and record, or nothing. O(1). */
export const READ = script('reads', RECORD, 'local v=read() return lives(v) and {v[1],v[2],v[3]} or {}');

/**
 * Replaces a record if it has that version. ARGV: 5 version, 6 record, 7 time to live or nothing. Answers `ok`, `conflict` or `gone`. O(log n).
 * It may run without memory left: what was accepted must be able to end.
 */
export const SAVE = repeatable(
  script(
    'frees',
    RECORD,
    String.raw`
local v=read()
if not lives(v) then return 'gone' end
if v[1]~=A[5] then return 'conflict' end
c('HSET',K,'v',int(tonumber(v[1])+1),'r',A[6])
set_end(A[7])
return 'ok'
`,
  ),
);

/** Removes a record. Answers 1 when one lived. O(log n). */
export const REMOVE = script(
  'frees',
  RECORD,
  REMOVE_RECORD,
  'local had=lives(read()) remove_record(A[3],A[4]) return had and 1 or 0',
);

/**
 * Ids of a page, of records that live. ARGV: 3 kind, 4 tenant with a leading `:` or nothing, 5 `asc` or `desc`, 6 id before the page or nothing,
 * 7 how many. O(log n + m).
 */
export const LIST = script(
  'reads',
  String.raw`
local key,r,most,at=S..':i:'..A[3]..A[4],{},tonumber(A[7]),A[6]
while #r<most do
  local ids
  if A[5]=='asc' then ids=c('ZRANGE',key,at=='' and '-' or '('..at,'+','BYLEX','LIMIT',0,most)
  else ids=c('ZRANGE',key,at=='' and '+' or '('..at,'-','BYLEX','REV','LIMIT',0,most) end
  if #ids==0 then break end
  for _,id in ipairs(ids) do
    local x=c('HGET',S..':s:'..A[3]..':'..id,'x')
    if #r<most and (not x or tonumber(x)>t) then r[#r+1]=id end
    at=id
  end
end
return r
`,
);

/** Ids of records whose time is over. ARGV: 3 kind, 4 how many. O(log n + m). */
export const EXPIRED = script('reads', "return c('ZRANGEBYSCORE',S..':x:'..A[3],'-inf',int(t),'LIMIT',0,A[4])");
