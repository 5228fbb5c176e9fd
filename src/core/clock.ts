import type { Millis } from './units.ts';

/** Time as it is given: the machine's in the product, a made one in tests. */
export interface Clock {
  /** Monotonic, from any start. */
  now(): Millis;
  /** Calls back once after `delay`; the returned function forgets it. Never keeps the process alive. */
  after(delay: Millis, callback: () => void): () => void;
}
