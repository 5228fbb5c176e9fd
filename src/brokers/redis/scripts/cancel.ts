import { QUEUE } from './queue-prelude.ts';
import { script } from './script.ts';

const CANCEL_ONE = String.raw`
local function cancel(id)
  local s=c('HGET',jk(id),'s')
  if s=='a' then c('HSETNX',jk(id),'u','cancelled') return 'signalled' end
  if s~='r' and s~='d' then return 'unknown' end
  drop(id)
  return 'removed'
end
`;

/** Takes a waiting job out, and flags one that is leased. ARGV: 4 id. Answers `removed`, `signalled` or `unknown`. O(log n). */
export const CANCEL = script('frees', QUEUE, CANCEL_ONE, 'due() return cancel(A[4])');

/** The same for every job of a session. ARGV: 4 session. Answers how many there were. O(m log n) for m jobs. */
export const CANCEL_SESSION = script(
  'frees',
  QUEUE,
  CANCEL_ONE,
  String.raw`
due()
local ids=c('ZRANGE',Q..':js:'..A[4],0,-1)
for _,id in ipairs(ids) do cancel(id) end
return #ids
`,
);
