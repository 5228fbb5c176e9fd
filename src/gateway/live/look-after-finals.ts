import type { Clock, LiveView, Millis } from '../../core/index.ts';

/**
 * Calls `again` whenever an utterance that has ended has no final at two looks in turn: its job may be lost, as when another Redis takes
 * over without the last of what was acknowledged. A job that only waits is the same job, and is not put twice.
 *
 * @returns what ends it.
 */
export function lookAfterFinals(
  clock: Clock,
  every: Millis,
  view: () => Pick<LiveView, 'open'>,
  again: () => void,
): () => void {
  let waited: number | undefined;
  let forget = (): void => {};

  function look(): void {
    const waits = view().open.find(({ to }) => to !== undefined)?.utterance;
    if (waits !== undefined && waits === waited) again();
    waited = waits;
    forget = clock.after(every, look);
  }

  forget = clock.after(every, look);
  return () => forget();
}
