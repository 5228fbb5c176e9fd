/**
 * Low-pass filter for a change of rate: a sinc under a Kaiser window (J. F. Kaiser, 1974), cut into one short filter
 * a phase.
 */

/** Where, in parts of the lower rate, the pass band ends and the stop band begins (its half: nothing folds back). */
const PASS_EDGE = 0.4375;
const STOP_EDGE = 0.5;
/** Attenuation of the stop band that the window is made for, in dB. */
const STOP_BAND_DB = 86;

export interface Kernel {
  /** Taps of each phase: a multiple of the multiple asked for. */
  readonly taps: number;
  /** `phases` filters of `taps` each, one after the other; each adds up to 1. */
  readonly coefficients: Float32Array;
}

/**
 * @param up phases: the numerator of target rate over source rate in lowest terms.
 * @param down the denominator.
 * @param multiple what the number of taps must be a multiple of; even.
 */
export function designKernel(up: number, down: number, multiple: number): Kernel {
  // In cycles a source sample: the lower of both rates is 1 or up / down.
  const lower = Math.min(1, up / down);
  const cutoff = ((PASS_EDGE + STOP_EDGE) / 2) * lower;
  const transition = (STOP_EDGE - PASS_EDGE) * lower;
  // Kaiser's estimates of the length and shape for an attenuation and a width of transition.
  const length = (STOP_BAND_DB - 7.95) / (2.285 * 2 * Math.PI * transition);
  const taps = multiple * Math.ceil(length / multiple);
  const half = taps / 2;
  const beta = 0.1102 * (STOP_BAND_DB - 8.7);
  const coefficients = new Float32Array(up * taps);
  const scale = 1 / bessel(beta);
  const filter = new Float64Array(taps);
  for (let phase = 0; phase < up; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      // Distance from the output's moment to the tap's sample; the first tap stands half - 1 samples before it.
      const distance = tap - (half - 1) - phase / up;
      const edge = distance / half;
      const window = Math.abs(edge) >= 1 ? 0 : bessel(beta * Math.sqrt(1 - edge * edge)) * scale;
      const value = 2 * cutoff * sinc(2 * cutoff * distance) * window;
      filter[tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < taps; tap++) coefficients[phase * taps + tap] = (filter[tap] ?? 0) / sum;
  }
  return { taps, coefficients };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  const square = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= square / (k * k);
    sum += term;
  }
  return sum;
}
