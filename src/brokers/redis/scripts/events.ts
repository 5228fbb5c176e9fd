import { repeatable, script } from './script.ts';

/** Events: `S:e:<kind>:<session>`, a list of `<broker time> <JSON>`; number n stands at index n − 1; `…:by`, what the last append was called. The key is the channel of news too. */
const LOG = "local K=S..':e:'..A[3]..':'..A[4]";

/**
 * Appends events behind a number, all or none, and tells followers. ARGV: 3 kind, 4 session, 5 number, 6 a name that no other append has,
 * 7… events. Answers `ok` or `conflict`, and where the log ends; `ok` too when the last append had that name. O(m). It may run without memory left: what was accepted must be able to end.
 */
export const APPEND = repeatable(
  script(
    'frees',
    LOG,
    String.raw`
local last=c('LLEN',K)
if last~=tonumber(A[5]) then return {c('GET',K..':by')==A[6] and 'ok' or 'conflict',last} end
for i=7,#A do last=c('RPUSH',K,int(t)..' '..A[i]) end
if #A>6 then c('SET',K..':by',A[6]) c('PUBLISH',K,'+') end
return {'ok',last}
`,
  ),
);

/** Events behind a number. ARGV: 3 kind, 4 session, 5 number, 6 how many. Answers where the log ends, then the events. O(n). */
export const READ_EVENTS = script(
  'reads',
  LOG,
  String.raw`
local r=c('LRANGE',K,A[5],int(tonumber(A[5])+tonumber(A[6])-1))
table.insert(r,1,c('LLEN',K))
return r
`,
);

/** Removes a session's events and ends its followers. */
export const REMOVE_LOG = String.raw`
local function remove_log(kind,session)
  local k=S..':e:'..kind..':'..session
  c('UNLINK',k,k..':by') c('PUBLISH',k,'-')
end
`;

/** ARGV: 3 kind, 4 session. O(1), but for memory that Redis frees beside its work. */
export const REMOVE_EVENTS = script('frees', REMOVE_LOG, 'remove_log(A[3],A[4]) return 1');
