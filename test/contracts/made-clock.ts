import type { Clock, Millis } from '../../src/core/index.ts';
import { millis } from '../../src/core/index.ts';

export interface MadeClock extends Clock {
  /** Lets time pass: timers that are due call back, in order. */
  pass(time: Millis): void;
}

/** A clock that stands still but for `pass`. */
export function madeClock(): MadeClock {
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  let time = 1000;
  return {
    now: () => millis(time),
    after(delay, callback) {
      const timer = { at: time + delay, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(passed) {
      const until = time + passed;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        time = Math.max(time, next.at);
        next.callback();
      }
      time = until;
    },
  };
}
