import type { Bits } from './bits.ts';

/** Subframe types (RFC 9639 9.2.1): these two, fixed predictors from 8 to 12, linear ones of order 1 to 32 from 32. */
const CONSTANT = 0;
const VERBATIM = 1;
const FIXED = 8;
const MAX_FIXED_ORDER = 4;
const LINEAR = 32;
/** Fixed predictors by order (9.2.5), the newest sample first. */
const FIXED_COEFFICIENTS: readonly (readonly number[])[] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];
/** Sizes of a Rice parameter by coding method (9.2.7); all ones mean samples as they are. */
const PARAMETER_BITS = [4, 5];

/** @returns one channel's samples as whole numbers of `bits` bits; `undefined` for what no encoder writes. */
export function readSubframe(bits: Bits, size: number, depth: number): Float64Array | undefined {
  if (bits.read(1) !== 0) return undefined;
  const type = bits.read(6);
  const wasted = bits.read(1) === 0 ? 0 : bits.readUnary() + 1;
  const width = depth - wasted;
  if (width < 1) return undefined;
  const samples = new Float64Array(size);
  if (!readSamples(bits, type, width, samples)) return undefined;
  if (wasted > 0) for (let i = 0; i < size; i++) samples[i] = (samples[i] ?? 0) * 2 ** wasted;
  return samples;
}

function readSamples(bits: Bits, type: number, width: number, samples: Float64Array): boolean {
  if (type === CONSTANT) {
    samples.fill(bits.readSigned(width));
    return true;
  }
  if (type === VERBATIM) {
    for (let i = 0; i < samples.length; i++) samples[i] = bits.readSigned(width);
    return true;
  }
  if (type >= FIXED && type <= FIXED + MAX_FIXED_ORDER) {
    const coefficients = FIXED_COEFFICIENTS[type - FIXED] ?? [];
    return readWarmUp(bits, coefficients.length, width, samples) && predict(bits, coefficients, 0, samples);
  }
  if (type < LINEAR) return false;
  const order = type - LINEAR + 1;
  if (!readWarmUp(bits, order, width, samples)) return false;
  const precision = bits.read(4) + 1;
  const shift = bits.readSigned(5);
  if (precision === 16 || shift < 0) return false;
  const coefficients = Array.from({ length: order }, () => bits.readSigned(precision));
  return predict(bits, coefficients, shift, samples);
}

function readWarmUp(bits: Bits, order: number, width: number, samples: Float64Array): boolean {
  if (order > samples.length) return false;
  for (let i = 0; i < order; i++) samples[i] = bits.readSigned(width);
  return true;
}

/** Adds what is predicted to the residual, which is read into place. Sums stay under 2^53: all arithmetic is exact. */
function predict(bits: Bits, coefficients: readonly number[], shift: number, samples: Float64Array): boolean {
  const order = coefficients.length;
  if (!readResidual(bits, order, samples)) return false;
  // The oldest first, as the samples stand, and two sums side by side: twice as fast.
  const weights = Float64Array.from(coefficients.toReversed());
  const pairs = order - (order % 2);
  const last = order % 2 === 1 ? (weights[order - 1] ?? 0) : 0;
  const scale = 2 ** -shift;
  for (let i = order; i < samples.length; i++) {
    let even = 0;
    let odd = 0;
    for (let j = 0, at = i - order; j < pairs; j += 2, at += 2) {
      even += (weights[j] ?? 0) * (samples[at] ?? 0);
      odd += (weights[j + 1] ?? 0) * (samples[at + 1] ?? 0);
    }
    if (last !== 0) even += last * (samples[i - 1] ?? 0);
    samples[i] = (samples[i] ?? 0) + Math.floor((even + odd) * scale);
  }
  return true;
}

/** Partitions of equal size, of which the first lacks the warm-up samples (9.2.7). */
function readResidual(bits: Bits, order: number, samples: Float64Array): boolean {
  const parameterBits = PARAMETER_BITS[bits.read(2)];
  if (parameterBits === undefined) return false;
  const partitions = 1 << bits.read(4);
  const size = samples.length / partitions;
  if (!Number.isInteger(size) || size < order) return false;
  for (let partition = 0; partition < partitions; partition++) {
    const from = partition === 0 ? order : partition * size;
    const to = (partition + 1) * size;
    const parameter = bits.read(parameterBits);
    if (parameter < 2 ** parameterBits - 1) {
      bits.readRice(samples, from, to, parameter);
      continue;
    }
    const width = bits.read(5);
    for (let i = from; i < to; i++) samples[i] = width === 0 ? 0 : bits.readSigned(width);
  }
  return true;
}
