/**
 * How steadily the machine itself runs. A loop walks over a megabyte in an order that no prefetcher guesses: on a quiet machine of its
 * own every piece of it takes the same time. A virtual one may lose its caches now and then to what else its host does, and the slowest
 * percent of everything that is measured there is of that too.
 */
import { quantile } from './statistics.ts';

export interface Slowdowns {
  readonly seconds: number;
  /** Share of that time in pieces that took at least `SLOW` times the usual. */
  readonly share: number;
  /** The longest row of such pieces. */
  readonly longestMs: number;
}

const SECONDS = 10;
const SLOW = 3;
const STEPS = 5_000;
const PLACES = 2 ** 18;
const MULTIPLIER = 1_664_525;
const INCREMENT = 1_013_904_223;

/** Keeps a core busy for some seconds: nothing else is to run meanwhile. */
export function measureSlowdowns(seconds = SECONDS): Slowdowns {
  // A linear congruential sequence (Numerical Recipes' constants) comes by every place once before it begins again.
  const next = Int32Array.from({ length: PLACES }, (_, at) => (Math.imul(at, MULTIPLIER) + INCREMENT) & (PLACES - 1));
  let at = 0;
  const pieces: number[] = [];
  for (const begun = performance.now(); performance.now() - begun < seconds * 1000;) {
    const from = performance.now();
    for (let step = 0; step < STEPS; step++) at = next[at] ?? 0;
    pieces.push(performance.now() - from);
  }
  return slowdowns(pieces, seconds);
}

/** @param pieces how long each took, in ms, in their order. */
export function slowdowns(pieces: readonly number[], seconds: number): Slowdowns {
  const slow = SLOW * quantile(pieces, 0.5);
  let [sum, row, longestMs] = [0, 0, 0];
  for (const took of pieces) {
    row = took >= slow ? row + took : 0;
    sum += took >= slow ? took : 0;
    longestMs = Math.max(longestMs, row);
  }
  return { seconds, share: sum / (seconds * 1000), longestMs };
}

/** For a page's table of what it was measured on. */
export const slowdownsLine = ({ seconds, share, longestMs }: Slowdowns): string =>
  `in ${(share * 100).toFixed(1)} % of ${seconds} s with nothing else at work a loop over 1 MB took at least ${SLOW} times as long as usual, for up to ${longestMs.toFixed(0)} ms on end`;
