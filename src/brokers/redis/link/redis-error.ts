import { ScriptoriumError } from '../../../core/index.ts';

const REFUSED = /WRONGPASS|NOAUTH|invalid password|invalid DB index|DB index is out of range|SELECT is not allowed/u;

/** What Redis answers to who has come in, and has no right to a command, key or channel. */
const NO_RIGHT = /NOPERM|The user executing the script can't/u;

/** What Redis answers while it starts, moves keys, changes its primary, or can't save. */
const PASSING = /^(?:LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|READONLY|NOREPLICAS|MISCONF|MOVED|ASK)\b/u;

/** What Redis answers to writes alone: it has no memory or disk left, or is no primary any more. */
const WRITES_REFUSED = /^(?:OOM|READONLY|NOREPLICAS|MISCONF)\b/u;

/** Whether Redis may go on answering who only reads. */
export const refusesWrites = (error: unknown): boolean => WRITES_REFUSED.test(reasonOf(error));

const textOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));

/** The line of an error that says why: of several addresses that were tried, the first. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return textOf(error.errors[0]);
  const [line = ''] = textOf(error).split('\n');
  // What ioredis says of a call without a connection helps nobody.
  return line.startsWith("Stream isn't writeable") ? 'there is no connection' : line;
}

const bare = (reason: string): string => reason.replace(/^ReplyError: /u, '');

/** What an error of Redis, or on the way to it, means for whoever called or runs the server. @param label where Redis is. */
export function redisError(error: unknown, label: string): ScriptoriumError {
  if (error instanceof ScriptoriumError) return error;
  const reason = reasonOf(error);
  const cause = { cause: error };
  if (reason.startsWith('OOM')) {
    return new ScriptoriumError(
      'broker-full',
      `Redis at ${label} has no memory left; raise its maxmemory, or wait until work is done`,
      cause,
    );
  }
  if (NO_RIGHT.test(reason)) {
    return new ScriptoriumError(
      'broker-refused',
      `Redis at ${label} lets this user not do all that is needed (${bare(reason)}); give its ACL ~PREFIX* and &PREFIX*, for keys and channels of --broker-prefix, ` +
        'and the commands that docs/cluster.md names',
      cause,
    );
  }
  if (REFUSED.test(reason)) {
    return new ScriptoriumError(
      'broker-refused',
      `Redis at ${label} lets this user not in (${bare(reason)}); correct user, password or database in the address`,
      cause,
    );
  }
  if (error instanceof Error && error.name === 'ReplyError' && !PASSING.test(reason)) {
    return new ScriptoriumError('broker-failed', `Redis at ${label} failed: ${reason.slice(0, 300)}`, cause);
  }
  return new ScriptoriumError(
    'broker-unreachable',
    `Redis at ${label} can't be reached (${reason.slice(0, 200)}); start it, or correct the address`,
    cause,
  );
}
