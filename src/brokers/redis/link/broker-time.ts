import type { Clock, Millis } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';

/** Broker time as this process knows it: Redis's, as far as it was told, going on by the clock. Never goes back. */
export interface BrokerTime {
  now(): Millis;
  /** Redis's time at a moment between two of the clock's. */
  told(time: number, asked: Millis, answered: Millis): void;
}

/** A slow answer tells the time only to who knows none. */
const QUICK_MS = 50;

export function brokerTime(clock: Clock, given: (() => Millis) | undefined): BrokerTime {
  let ahead: number | undefined;
  let last = 0;
  return {
    now() {
      last = Math.max(last, given?.() ?? clock.now() + (ahead ?? 0));
      return millis(last);
    },
    told(time, asked, answered) {
      if (ahead === undefined || answered - asked <= QUICK_MS) ahead = time - (asked + answered) / 2;
    },
  };
}
