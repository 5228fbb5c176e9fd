import type { Timers } from '../platform.ts';

/** A clock on which everything takes a hundredth of its time, so that no test waits for seconds. */
export const HURRIED: Timers = {
  now: () => performance.now() * 100,
  after(ms, call) {
    const timer = setTimeout(call, ms / 100);
    return () => clearTimeout(timer);
  },
};
