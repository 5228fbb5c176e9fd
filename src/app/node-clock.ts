import type { Clock } from '../core/index.ts';
import { millis } from '../core/index.ts';

/** The machine's clock. */
export const nodeClock: Clock = {
  now: () => millis(performance.now()),
  after(delay, callback) {
    const timer = setTimeout(callback, delay).unref();
    return () => clearTimeout(timer);
  },
};
