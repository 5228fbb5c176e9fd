import { SAMPLE_RATE } from '../../core/index.ts';
import { designKernel } from './kernel.ts';

/** Source samples worked on at once; bounds what is held whatever is pushed. */
const PIECE = 16_384;

/** Changes the rate of one channel, piece by piece. */
export interface Resampler {
  /** @returns the samples that are settled by now; a new array, or `input` itself when the rates are equal. */
  push(input: Float32Array): Float32Array;
  /** The rest: the source counts as silent from here on. */
  end(): Float32Array;
}

/**
 * Band-limited change of rate, any whole rate to any other, without delay: output sample k stands at the moment
 * k / `targetRate` of the source, and n source samples give exactly ceil(n * targetRate / sourceRate).
 *
 * Pass band to 0.42 and stop band from 0.5 of the lower rate: 6.7 kHz and 8 kHz on the way to 16 kHz.
 */
export function createResampler(sourceRate: number, targetRate: number = SAMPLE_RATE): Resampler {
  if (sourceRate === targetRate) return { push: (input) => input, end: () => new Float32Array(0) };
  const divisor = greatestCommonDivisor(sourceRate, targetRate);
  const up = targetRate / divisor;
  const down = sourceRate / divisor;
  const { taps, coefficients } = designKernel(up, down);
  const before = taps / 2 - 1;
  const wholeStep = Math.floor(down / up);
  const partStep = down % up;

  const held = new Float32Array(taps + PIECE);
  /** Samples in `held`; the first output needs silence before the first sample. */
  let filled = before;
  /** Where in `held` the next output's first tap stands, and its phase. */
  let at = 0;
  let phase = 0;
  let taken = 0;
  let given = 0;

  /** Computes what `held` allows, at most `limit` samples, and forgets what no later output needs. */
  function drain(limit: number): Float32Array {
    const outputs = Math.max(0, Math.min(limit, countOutputs()));
    const out = new Float32Array(outputs);
    for (let i = 0; i < outputs; i++) {
      out[i] = dot(held, at, coefficients, phase * taps, taps);
      at += wholeStep;
      phase += partStep;
      if (phase >= up) {
        phase -= up;
        at++;
      }
    }
    const gone = Math.min(at, filled);
    held.copyWithin(0, gone, filled);
    filled -= gone;
    at -= gone;
    given += outputs;
    return out;
  }

  /** Outputs whose every tap is in `held`. */
  function countOutputs(): number {
    const room = filled - taps - at;
    if (room < 0) return 0;
    return Math.floor(((room + 1) * up - phase - 1) / down) + 1;
  }

  function feed(input: Float32Array, limit: number): Float32Array {
    const parts: Float32Array[] = [];
    let left = limit;
    for (let from = 0; from < input.length;) {
      const part = input.subarray(from, from + held.length - filled);
      held.set(part, filled);
      filled += part.length;
      from += part.length;
      const out = drain(left);
      left -= out.length;
      parts.push(out);
    }
    return parts.length === 1 ? (parts[0] ?? new Float32Array(0)) : join(parts);
  }

  return {
    push(input) {
      taken += input.length;
      return feed(input, Number.POSITIVE_INFINITY);
    },
    end() {
      return feed(new Float32Array(taps), Math.ceil((taken * up) / down) - given);
    },
  };
}

function dot(held: Float32Array, at: number, coefficients: Float32Array, offset: number, taps: number): number {
  let even = 0;
  let odd = 0;
  for (let tap = 0; tap < taps; tap += 2) {
    even += (held[at + tap] ?? 0) * (coefficients[offset + tap] ?? 0);
    odd += (held[at + tap + 1] ?? 0) * (coefficients[offset + tap + 1] ?? 0);
  }
  return even + odd;
}

function join(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
