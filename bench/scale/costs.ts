/** What an engine takes for sound of some length, in milliseconds. */
export interface Cost {
  readonly base: number;
  readonly perSecond: number;
  /** Quantiles of what was measured over what the line says, evenly spaced; `[1]` for no spread. */
  readonly spread: readonly number[];
}

export interface Costs {
  readonly partial: Cost;
  /** Of segments of files too. */
  readonly final: Cost;
}

/** A made-up engine, for numbers that can be compared between machines: 50 ms and 25 ms a second of sound, 1.3 times that for a final. */
export const MADE_UP_COSTS: Costs = {
  partial: { base: 50, perSecond: 25, spread: [1] },
  final: { base: 65, perSecond: 32.5, spread: [1] },
};

/** @param draw in [0, 1). */
export const costOf = ({ base, perSecond, spread }: Cost, seconds: number, draw: number): number =>
  (base + perSecond * seconds) * (spread[Math.floor(draw * spread.length)] ?? 1);

export interface Timing {
  readonly seconds: number;
  readonly ms: number;
}

const QUANTILES = 20;

/** The line of least squares through the timings, and how they spread around it. @throws RangeError with fewer than two lengths. */
export function fitCost(timings: readonly Timing[]): Cost {
  const mean = (of: (timing: Timing) => number): number =>
    timings.reduce((sum, timing) => sum + of(timing), 0) / timings.length;
  const [meanSeconds, meanMs] = [mean(({ seconds }) => seconds), mean(({ ms }) => ms)];
  const variance = mean(({ seconds }) => (seconds - meanSeconds) ** 2);
  if (!(variance > 0)) throw new RangeError('a line needs timings of at least two lengths');
  const slope = mean(({ seconds, ms }) => (seconds - meanSeconds) * (ms - meanMs)) / variance;
  // Sound that takes less the longer it is would be an accident of few timings.
  const perSecond = Math.max(0, slope);
  const base = meanMs - perSecond * meanSeconds;
  const ratios = timings.map(({ seconds, ms }) => ms / (base + perSecond * seconds)).toSorted((a, b) => a - b);
  const spread = Array.from(
    { length: Math.min(QUANTILES, ratios.length) },
    (_, index, count = Math.min(QUANTILES, ratios.length)) =>
      ratios[Math.floor(((index + 0.5) / count) * ratios.length)] ?? 1,
  );
  return { base, perSecond, spread };
}
