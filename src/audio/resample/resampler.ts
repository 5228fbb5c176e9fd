import { SAMPLE_RATE } from '../../core/index.ts';
import { designKernel } from './kernel.ts';
import { createFilterModule, TAP_MULTIPLE } from './simd-filter.ts';

/** Source samples of one channel worked on at once; bounds what is held whatever is pushed. */
const PIECE = 8_192;

/** Changes the rate of all channels of a recording, piece by piece. */
export interface Resampler {
  /** @param block one array a channel. @returns the samples that are settled by now, in arrays of their own. */
  push(block: readonly Float32Array[]): readonly Float32Array[];
  /** The rest: the source counts as silent from here on. */
  end(): readonly Float32Array[];
}

/**
 * Band-limited change of rate, any whole rate to any other, without delay: output sample k stands at the moment
 * k / `targetRate` of the source, and n source samples give exactly ceil(n * targetRate / sourceRate).
 *
 * Pass band to 0.4375 and stop band from 0.5 of the lower rate: 7 kHz and 8 kHz on the way to 16 kHz.
 */
export function createResampler(sourceRate: number, channels: number, targetRate: number = SAMPLE_RATE): Resampler {
  if (sourceRate === targetRate) {
    return { push: (block) => block, end: () => Array.from({ length: channels }, () => new Float32Array(0)) };
  }
  const divisor = greatestCommonDivisor(sourceRate, targetRate);
  const up = targetRate / divisor;
  const down = sourceRate / divisor;
  const { taps, coefficients } = designKernel(up, down, TAP_MULTIPLE);
  const wholeStep = Math.floor(down / up);
  const partStep = down % up;

  // Memory: the coefficients, what each channel still needs, and one channel's output.
  const capacity = taps + wholeStep + 1 + PIECE;
  const outputAt = coefficients.length + channels * capacity;
  const { memory, filter } = createFilterModule(outputAt + Math.ceil((capacity * up) / down) + 1);
  memory.set(coefficients);
  const held = Array.from({ length: channels }, (_, channel) => {
    const start = coefficients.length + channel * capacity;
    return memory.subarray(start, start + capacity);
  });

  /** Samples held of each channel; the first output needs silence before the first sample. */
  let filled = taps / 2 - 1;
  /** Which held sample the next output's first tap stands at, and the next output's phase. */
  let at = 0;
  let phase = 0;
  let taken = 0;
  let given = 0;

  /** Outputs whose every tap is held. */
  function countReady(): number {
    const room = filled - taps - at;
    return room < 0 ? 0 : Math.floor(((room + 1) * up - phase - 1) / down) + 1;
  }

  /** Computes what is ready, at most `limit` samples, and forgets what no later output needs. */
  function drain(limit: number): readonly Float32Array[] {
    const count = Math.min(limit, countReady());
    const output = held.map((samples) => {
      if (count <= 0) return new Float32Array(0);
      const input = samples.byteOffset + 4 * at;
      filter(input, 4 * outputAt, count, 0, 4 * taps, phase, up, 4 * wholeStep, partStep);
      return memory.slice(outputAt, outputAt + count);
    });
    if (count <= 0) return output;
    const phases = phase + count * partStep;
    at += count * wholeStep + Math.floor(phases / up);
    phase = phases % up;
    given += count;
    const gone = Math.min(at, filled);
    for (const samples of held) samples.copyWithin(0, gone, filled);
    filled -= gone;
    at -= gone;
    return output;
  }

  function feed(block: readonly Float32Array[], limit: number): readonly Float32Array[] {
    const length = block[0]?.length ?? 0;
    const parts: (readonly Float32Array[])[] = [];
    let left = limit;
    for (let from = 0; from < length;) {
      const count = Math.min(length - from, capacity - filled);
      for (const [channel, samples] of held.entries()) {
        samples.set(block[channel]?.subarray(from, from + count) ?? [], filled);
      }
      filled += count;
      from += count;
      const part = drain(left);
      left -= part[0]?.length ?? 0;
      parts.push(part);
    }
    return held.map((_, channel) => join(parts.flatMap((part) => part[channel] ?? [])));
  }

  return {
    push(block) {
      taken += block[0]?.length ?? 0;
      return feed(block, Number.POSITIVE_INFINITY);
    },
    end() {
      const silence = new Float32Array(taps);
      return feed(
        held.map(() => silence),
        Math.ceil((taken * up) / down) - given,
      );
    },
  };
}

function join(parts: readonly Float32Array[]): Float32Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
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
