/** Medians and their uncertainty, for a handful of rounds. */

/** @throws RangeError when there is nothing to take the middle of. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear between the two nearest ranks; `share` in [0, 1]. @throws RangeError for an empty list. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('no value to take a quantile of');
  return below + (above - below) * (place - Math.floor(place));
}

export interface Estimate {
  readonly median: number;
  /** 95 % of the medians of resampled rounds lie between these two. */
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;

/** The median with its bootstrap interval (Efron's percentile method); the same values give the same interval. */
export function estimate(values: readonly number[]): Estimate {
  const draw = sequence(values.length);
  const medians = Array.from({ length: RESAMPLES }, () => median(values.map(() => values[draw()] ?? 0)));
  return { median: median(values), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

/** Numbers in [0, below) that look random: a 32-bit linear congruential generator (Numerical Recipes' constants). */
function sequence(below: number): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
