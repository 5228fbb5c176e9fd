import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createResampler } from './resampler.ts';

const TARGET = 16_000;

function tone(frequency: number, rate: number, count: number, phase = 0): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin((2 * Math.PI * frequency * i) / rate + phase));
}

/** Everything that comes out when `pcm` goes in, in pieces of the given sizes in turn. */
function resample(pcm: Float32Array, rate: number, sizes: readonly number[] = [pcm.length]): Float32Array {
  const resampler = createResampler(rate, 1);
  const out: number[] = [];
  for (let from = 0, turn = 0; from < pcm.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    out.push(...(resampler.push([pcm.subarray(from, from + size)])[0] ?? []));
    from += size;
  }
  out.push(...(resampler.end()[0] ?? []));
  return Float32Array.from(out);
}

/** Level in dB of what a tone becomes, without the edges where the filter meets silence. */
function level(frequency: number, rate: number): number {
  const out = resample(tone(frequency, rate, rate), rate).subarray(2_000, 14_000);
  const power = out.reduce((sum, value) => sum + value * value, 0) / out.length;
  return 10 * Math.log10(power * 2 + 1e-20);
}

describe('createResampler', () => {
  test.each([22_050, 24_000, 32_000, 44_100, 48_000, 96_000])(
    'passes what a voice has, up to 7 kHz, within 0.1 dB from %i Hz',
    (rate) => {
      for (const frequency of [100, 1_000, 3_000, 5_000, 6_500, 7_000]) {
        expect(Math.abs(level(frequency, rate))).toBeLessThan(0.1);
      }
    },
  );

  test.each([22_050, 24_000, 32_000, 44_100, 48_000, 96_000])(
    'lets nothing above 8 kHz fold back: 80 dB down from %i Hz',
    (rate) => {
      const frequencies = [8_010, 8_500, 9_000, 10_500, 12_345, 15_000, 18_000, 22_000].filter((hz) => hz < rate / 2);
      for (const frequency of frequencies) expect(level(frequency, rate)).toBeLessThan(-80);
    },
  );

  test('makes no images when it raises the rate of a telephone call', () => {
    const out = resample(tone(1_000, 8_000, 8_000), 8_000);
    const expected = tone(1_000, TARGET, TARGET);
    for (let i = 1_000; i < 15_000; i++) expect(Math.abs((out[i] ?? 0) - (expected[i] ?? 0))).toBeLessThan(1e-4);
  });

  test.each([8_000, 11_025, 44_100, 44_101, 48_000])('delays nothing: a tone keeps its phase from %i Hz', (rate) => {
    const out = resample(tone(440, rate, rate, 0.3), rate);
    const expected = tone(440, TARGET, TARGET, 0.3);
    for (let i = 1_000; i < 15_000; i++) expect(Math.abs((out[i] ?? 0) - (expected[i] ?? 0))).toBeLessThan(1e-3);
  });

  test('gives ceil(n * 16000 / rate) samples, the same however the source is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(4_000, 8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 384_000),
        fc.integer({ min: 0, max: 20_000 }),
        fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 5 }),
        (rate, count, sizes) => {
          const pcm = tone(rate / 50, rate, count);
          const whole = resample(pcm, rate);
          expect(whole).toHaveLength(Math.ceil((count * TARGET) / rate));
          expect(resample(pcm, rate, sizes)).toEqual(whole);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('keeps channels apart', () => {
    const left = tone(300, 44_100, 20_000);
    const right = tone(2_000, 44_100, 20_000);
    const resampler = createResampler(44_100, 2);
    const out = [resampler.push([left, right]), resampler.end()];
    expect(Float32Array.from(out.flatMap((part) => [...(part[0] ?? [])]))).toEqual(resample(left, 44_100));
    expect(Float32Array.from(out.flatMap((part) => [...(part[1] ?? [])]))).toEqual(resample(right, 44_100));
  });
});
