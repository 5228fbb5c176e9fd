import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BINS, FRAME, HALF_FRAME, HOP, hannWindow, imaginaryKernel, realKernel } from './dft.ts';
import { foldFrames } from './frames.ts';

const REAL = realKernel();
const IMAGINARY = imaginaryKernel();

/** |DFT| of frame `t` out of folded parts, as the encoder graph computes it. */
function foldedMagnitudes(even: Float32Array, odd: Float32Array, t: number): number[] {
  return Array.from({ length: BINS }, (_, bin) => {
    let [real, imaginary] = [0, 0];
    for (let n = 0; n < HALF_FRAME; n++) {
      real += (even[t * HALF_FRAME + n] ?? 0) * (REAL[n * BINS + bin] ?? 0);
      imaginary += (odd[t * HALF_FRAME + n] ?? 0) * (IMAGINARY[n * BINS + bin] ?? 0);
    }
    return Math.hypot(real, imaginary);
  });
}

/** |DFT| of frame `t` as its definition says: centred on sample 160 t, mirrored before the start, silent after the end. */
function plainMagnitudes(pcm: Float32Array, t: number): number[] {
  return Array.from({ length: BINS }, (_, bin) => {
    let [real, imaginary] = [0, 0];
    for (let n = 0; n < FRAME; n++) {
      const at = Math.abs(t * HOP - HALF_FRAME + n);
      const value = (pcm[at] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / FRAME));
      real += value * Math.cos((2 * Math.PI * n * bin) / FRAME);
      imaginary -= value * Math.sin((2 * Math.PI * n * bin) / FRAME);
    }
    return Math.hypot(real, imaginary);
  });
}

const audio = (most: number): fc.Arbitrary<Float32Array> =>
  fc.float32Array({ minLength: 1, maxLength: most, min: -1, max: 1, noNaN: true });

describe('foldFrames', () => {
  test('gives the spectrum of a plain DFT, at the start, in the middle and past the end', () => {
    fc.assert(
      fc.property(audio(1500), (pcm) => {
        const { count, even, odd } = foldFrames(pcm, 4);
        expect(count).toBe(8);
        for (const t of [0, 1, 5, 7]) {
          const expected = plainMagnitudes(pcm, t);
          foldedMagnitudes(even, odd, t).forEach((value, bin) => {
            expect(Math.abs(value - (expected[bin] ?? NaN))).toBeLessThan(1e-3);
          });
        }
      }),
      { numRuns: 15 },
    );
  });

  test('hears a tone in its own bin', () => {
    const pcm = Float32Array.from({ length: 3200 }, (_, i) => Math.sin((2 * Math.PI * 1000 * i) / 16_000));
    const { even, odd } = foldFrames(pcm, 5);
    const magnitudes = foldedMagnitudes(even, odd, 5);
    // 40 Hz a bin.
    expect(magnitudes.indexOf(Math.max(...magnitudes))).toBe(25);
  });

  test('gives a shorter window the same first frames, up to where its audio is cut', () => {
    fc.assert(
      fc.property(audio(4000), (pcm) => {
        const long = foldFrames(pcm, 20);
        const short = foldFrames(pcm, 6);
        const same = short.even.length;
        expect(short.even).toEqual(long.even.subarray(0, same));
        expect(short.odd).toEqual(long.odd.subarray(0, same));
      }),
      { numRuns: 30 },
    );
  });

  test('makes silence of what lies past the end', () => {
    const { even, odd } = foldFrames(new Float32Array(480).fill(0.5), 20);
    expect(even.subarray(6 * HALF_FRAME).every((value) => value === 0)).toBe(true);
    expect(odd.subarray(6 * HALF_FRAME).every((value) => value === 0)).toBe(true);
    expect(even[2 * HALF_FRAME + 150]).not.toBe(0);
  });
});

test('the window is periodic: it starts at zero, is one in its middle and mirrors about it', () => {
  const window = hannWindow();
  expect(window.length).toBe(FRAME);
  expect(window[0]).toBe(0);
  expect(window[HALF_FRAME]).toBeCloseTo(1, 12);
  for (let n = 1; n < FRAME; n++) expect(window[n]).toBeCloseTo(window[FRAME - n] ?? NaN, 12);
});
