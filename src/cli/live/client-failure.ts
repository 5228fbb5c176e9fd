import { ClientError } from '../../client/index.ts';
import { ERRORS, ScriptoriumError, type ErrorCode } from '../../core/index.ts';

const isCode = (word: string): word is ErrorCode => Object.hasOwn(ERRORS, word);

/** What only the client knows, in the words of the table. */
const OURS: ReadonlyMap<string, ErrorCode> = new Map([
  ['reconnect-timeout', 'server-unreachable'],
  ['protocol-violated', 'server-unreachable'],
  ['key-forbidden', 'key-invalid'],
  ['session-ended', 'server-failed'],
]);

/** A failure of the client as the command line tells it; others as they are. */
export function clientFailure(error: unknown, server: string): unknown {
  if (!(error instanceof ClientError)) return error;
  const code = OURS.get(error.code) ?? (isCode(error.code) ? error.code : 'server-failed');
  const message = code === 'server-unreachable' ? `no live session at ${server}: ${error.message}` : error.message;
  return new ScriptoriumError(code, message, { cause: error });
}
