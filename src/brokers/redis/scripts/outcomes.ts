import { QUEUE } from './queue-prelude.ts';
import { repeatable, script } from './script.ts';

/** Ids of the first outcomes that nobody holds; those whose taker was too slow are free again first. ARGV: 4 how many. O(m + log n). */
export const PEEK = script('frees', QUEUE, "due() return c('ZRANGE',Q..':of',0,tonumber(A[4])-1)");

/**
 * Hands out the first outcomes that nobody holds, and holds them for the taker. ARGV: 4 how many, 5 hold, 6 the last id that is wanted, or
 * nothing. Answers when something is due next, then two texts an outcome: id, and its facts and itself as two lines of JSON. O(m log n).
 */
export const TAKE = script(
  'frees',
  QUEUE,
  String.raw`
due()
local ids=c('ZRANGE',Q..':of','-inf',A[6]=='' and '+inf' or A[6],'BYSCORE','LIMIT',0,A[4])
local rows,held={''},t+tonumber(A[5])
if #ids>0 then expect(held) end
for _,o in ipairs(ids) do
  c('ZREM',Q..':of',o) c('ZADD',Q..':oh',int(held),o)
  rows[#rows+1]=o
  rows[#rows+1]=c('HGET',Q..':o',o)
end
rows[1]=next_due()
return rows
`,
);

/** Removes an outcome. */
export const REMOVE_OUTCOME = String.raw`
local function remove_outcome(o)
  local row=c('HGET',Q..':o',o)
  if not row then return end
  c('HDEL',Q..':o',o) c('ZREM',Q..':of',o) c('ZREM',Q..':oh',o)
  local ok,facts=pcall(cjson.decode,string.match(row,'^[^\n]*'))
  if ok and type(facts)=='table' and facts[2] then c('SREM',Q..':os:'..facts[2],o) end
end
`;

/**
 * Removes outcomes that are folded into what they belong to, and lets claims go on when there were too many. ARGV: 4 how many may wait in
 * this shard, 5… ids. O(m log n).
 */
export const DONE = repeatable(
  script(
    'frees',
    QUEUE,
    REMOVE_OUTCOME,
    String.raw`
local behind=pending()>=tonumber(A[4])
for i=5,#A do remove_outcome(A[i]) end
if behind then tell('*') end
return 1
`,
  ),
);
