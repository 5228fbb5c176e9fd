/** The bucket port: what the limits of keys have left, counted for all processes together. */
import type { Millis } from '../units.ts';

/** What was used of one bucket. */
export interface Spend {
  readonly key: string;
  /** Not negative; 0 only asks. */
  readonly amount: number;
  /** What the bucket holds. It fills evenly, all of it in one period. */
  readonly most: number;
  readonly period: Millis;
}

export interface Buckets {
  /**
   * Takes from buckets, each full at first, as much as was used: what is left may be below nothing.
   *
   * @returns what is left in each, in the order asked.
   */
  spend(spends: readonly Spend[]): Promise<readonly number[]>;
}
