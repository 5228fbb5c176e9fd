/** Taps on each side of a sample, in samples of the lower rate: a stop band of about 50 dB, enough for speech. */
const REACH = 16;
/** Of the lower rate's half: what is above is let go gently. */
const PASS = 0.92;

/** Turns sound of any rate into another rate, a piece after the other. */
export interface Resampler {
  push(samples: Float32Array): Float32Array;
}

/** A windowed sinc, computed for each sample: cheap enough for one microphone. */
export function resampler(from: number, to: number): Resampler {
  if (from === to) return { push: (samples) => samples };
  const scale = Math.min(1, to / from) * PASS;
  const reach = Math.ceil(REACH / scale);
  let kept = new Float32Array(reach);
  /** Index of `kept[0]` in the whole stream, and of the next sample to make. */
  let first = -reach;
  let next = 0;

  function at(position: number): number {
    const middle = Math.floor(position);
    let sum = 0;
    let weights = 0;
    for (let i = middle - reach + 1; i <= middle + reach; i++) {
      const distance = (position - i) * scale;
      const x = Math.PI * distance;
      const sinc = x === 0 ? 1 : Math.sin(x) / x;
      const weight = sinc * (0.5 + 0.5 * Math.cos(Math.PI * Math.max(-1, Math.min(1, (position - i) / reach))));
      sum += weight * (kept[i - first] ?? 0);
      weights += weight;
    }
    return sum / weights;
  }

  return {
    push(samples) {
      const joined = new Float32Array(kept.length + samples.length);
      joined.set(kept);
      joined.set(samples, kept.length);
      kept = joined;
      const end = first + kept.length;
      const count = Math.max(0, Math.ceil(((end - reach - 1) * to) / from) - next);
      const made = Float32Array.from({ length: count }, (_, i) => at(((next + i) * from) / to));
      next += count;
      const needed = Math.max(0, Math.floor((next * from) / to) - reach + 1 - first);
      kept = kept.slice(needed);
      first += needed;
      return made;
    },
  };
}
