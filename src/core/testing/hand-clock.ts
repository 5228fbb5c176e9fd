import type { Clock } from '../clock.ts';
import { millis } from '../units.ts';

/** A clock for tests: time passes when it is told to. */
export interface HandClock extends Clock {
  /** Passes this much time, calling what is due in order; resolves when what followed from it has had its turn. */
  pass(delay: number): Promise<void>;
  /** Timers that run. */
  timers(): number;
}

/** Lets promises that are settled be heard, and what follows from them. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export function handClock(): HandClock {
  let now = 0;
  let timers: readonly { readonly at: number; readonly callback: () => void }[] = [];
  return {
    now: () => millis(now),
    after(delay, callback) {
      const timer = { at: now + delay, callback };
      timers = [...timers, timer];
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    timers: () => timers.length,
    async pass(delay) {
      const until = now + delay;
      for (;;) {
        await settled();
        const next = timers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((one) => one !== next);
        now = next.at;
        next.callback();
      }
      now = until;
      await settled();
    },
  };
}
