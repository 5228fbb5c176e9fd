import type { Clock, Millis } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';

/**
 * Every process hears of every job, and one of them gets it. So that not all ask, each waits for a random while, in which most hear
 * that the job is taken. Whoever asks in vain waits longer next time, whoever gets a job shorter, and all forget with time: about two
 * ask for one job, however many are idle, and where jobs are few or workers busy nobody waits at all.
 */
export interface Hesitation {
  /** Resolves at once, or after a while; all who wait in one process wait together. */
  wait(): Promise<void>;
  /** What asking gave. */
  asked(gotJob: boolean): void;
  /** Nobody waits any more. */
  close(): void;
}

const LONGER = 1.5;
const SHORTER = 0.7;
/** What it begins with. */
const FIRST_MS = 4;
/** Below it there is none. */
const LEAST_MS = 1;
/** In so long half of it is forgotten. */
const HALF_LIFE_MS = 1000;

/** @param most 0 never waits. */
export function hesitation(clock: Clock, most: Millis, random: () => number): Hesitation {
  /** Of which the while is a random part, as it was then. */
  let span = 0;
  let since = clock.now();
  let waiting: Promise<void> | undefined;
  let end = (): void => {};

  function spanNow(): number {
    const left = span * 0.5 ** ((clock.now() - since) / HALF_LIFE_MS);
    return left < LEAST_MS ? 0 : left;
  }

  return {
    async wait() {
      const now = spanNow();
      if (waiting === undefined && now === 0) return;
      waiting ??= new Promise((resolve) => {
        end = resolve;
        clock.after(millis(random() * now), resolve);
      });
      await waiting;
      waiting = undefined;
    },
    asked(gotJob) {
      span = Math.min(most, gotJob ? spanNow() * SHORTER : Math.max(FIRST_MS, spanNow() * LONGER));
      since = clock.now();
    },
    close: () => end(),
  };
}
