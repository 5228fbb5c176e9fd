import type { Broker, LiveRecord, LiveView, Millis, Versioned } from '../../core/index.ts';
import { ScriptoriumError } from '../../core/index.ts';
import { isHashOf } from './token-hash.ts';

/** One answer for all reasons, so that none can be told from another. */
export const unknownSession = (): ScriptoriumError =>
  new ScriptoriumError('session-unknown', 'There is no such session, or the token or the key is not its own.');

/**
 * The record of a session to whoever shows its token.
 *
 * @param pick the hash that the token is held against.
 * @throws ScriptoriumError `session-unknown` when there is none, or the token is another's.
 */
export async function recordFor(
  { live }: Pick<Broker, 'live'>,
  id: string,
  given: string,
  pick: (record: LiveRecord) => string | undefined,
): Promise<Versioned<LiveRecord>> {
  const stored = await live.sessions.read(id).catch((error: unknown) => {
    // Only an id that none can have is nobody's; what could not be looked up may be there.
    if (error instanceof ScriptoriumError && error.code === 'broker-unreachable') throw error;
    return undefined;
  });
  const hash = stored === undefined ? undefined : pick(stored.record);
  if (stored === undefined || hash === undefined || !isHashOf(hash, given)) throw unknownSession();
  return stored;
}

/** Writes what an ended session came to; from then on its record has `kept` to live. A record that is gone stays gone. */
export async function keepEnded(
  { live }: Pick<Broker, 'live'>,
  id: string,
  viewNow: () => LiveView | Promise<LiveView>,
  kept: Millis,
): Promise<void> {
  for (;;) {
    const stored = await live.sessions.read(id);
    if (stored === undefined) return;
    const record = { ...stored.record, view: await viewNow() };
    if ((await live.sessions.save(id, stored.version, record, kept)) !== 'conflict') return;
  }
}
