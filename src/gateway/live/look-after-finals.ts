import type { Clock, LiveView, Millis } from '../../core/index.ts';

/** At which looks others are put in place of the same: rarely, for where the work only takes long they cost it twice. */
const ANEW_AT: ReadonlySet<number> = new Set([4, 8, 16]);

/**
 * Calls `again` whenever an utterance that has ended has no final at two looks in turn: its job may be lost, as when another Redis takes
 * over without the last of what was acknowledged. A job that only waits is the same job, and is not put twice. What was done and is
 * lost all the same can't be put again: now and then, `again` is asked for other jobs, with a number that tells them apart.
 *
 * @returns what ends it.
 */
export function lookAfterFinals(
  clock: Clock,
  every: Millis,
  view: () => Pick<LiveView, 'open'>,
  again: (anew: number) => void,
): () => void {
  let waited: number | undefined;
  let looks = 0;
  let forget = (): void => {};

  function look(): void {
    const waits = view().open.find(({ to }) => to !== undefined)?.utterance;
    looks = waits !== undefined && waits === waited ? looks + 1 : 0;
    if (looks > 0) again(ANEW_AT.has(looks) ? looks : 0);
    waited = waits;
    forget = clock.after(every, look);
  }

  forget = clock.after(every, look);
  return () => forget();
}
