import { QUEUE } from './queue-prelude.ts';
import { repeatable, script } from './script.ts';

/** Starts a lease anew. ARGV: 4 id, 5 token, 6 lease. Answers `ok`, `superseded`, `cancelled` or `lost`. O(log n). */
export const EXTEND = repeatable(
  script(
    'frees',
    QUEUE,
    String.raw`
due()
if not own(A[4],A[5]) then return 'lost' end
c('ZADD',Q..':lease',int(t+tonumber(A[6])),A[4])
expect(t+tonumber(A[6]))
return c('HGET',jk(A[4]),'u') or 'ok'
`,
  ),
);

/** Takes a leased job out as done, if the token still owns it. ARGV: 4 id, 5 token, 6 how long its id stays known. Answers 1 or 0. O(log n). */
export const ACK = repeatable(
  script(
    'frees',
    QUEUE,
    String.raw`
due()
if not own(A[4],A[5]) then return 0 end
finish(A[4],A[6])
return 1
`,
  ),
);

/**
 * Gives a leased job back, if the token still owns it: to the front of its line, after a delay, as a dead letter, or away when nobody wants it.
 * ARGV: 4 id, 5 token, 6 delay, 7 whether the attempt counts, 8 whether it is dead, 9 reason. Answers 1 or 0. O(log n).
 */
export const NACK = repeatable(
  script(
    'frees',
    QUEUE,
    String.raw`
due()
local id=A[4]
if not own(id,A[5]) then return 0 end
if A[7]=='0' then c('HINCRBY',jk(id),'a',-1) end
back(id,tonumber(A[6]),A[8]=='1',A[9])
return 1
`,
  ),
);

/**
 * Writes an outcome and takes its job out as done, both or neither; an outcome that its slot has already is dropped, and the job is done.
 * ARGV: 4 id, 5 token, 6 how long its id stays known, 7 outcome. Answers `committed`, `duplicate` or `stale`. O(log n).
 */
export const COMMIT = repeatable(
  script(
    'frees',
    QUEUE,
    String.raw`
due()
local id=A[4]
if not own(id,A[5]) then return 'stale' end
local v=c('HMGET',jk(id),'sn','sl','rv','a','p')
finish(id,A[6])
if known(v[1],v[2],v[3]) then return 'duplicate' end
enter(id,v,A[7])
return 'committed'
`,
  ),
);
