import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlignmentInput } from './word-times.ts';
import { alignWords } from './word-times.ts';

const HEADS = 2;

const word = (text: string, count: number) => ({ text, tokens: Array.from({ length: count }, (_, i) => i) });

/** Attention of two heads: token i listens from `starts[i]` until the next, the end token after the last start. */
function made(starts: readonly number[], positions: number, audible: number, floor = 0.001): Float32Array[] {
  return starts.map((start, row) => {
    // Rows of one text may be of different lengths: the batch that they were decoded in grew.
    const length = positions + row * 10;
    const attention = new Float32Array(HEADS * length).fill(floor);
    for (let head = 0; head < HEADS; head++) {
      attention.fill(1, head * length + start, head * length + (starts[row + 1] ?? audible));
    }
    return attention;
  });
}

function input(starts: readonly number[], counts: readonly number[], more: Partial<AlignmentInput> = {}) {
  const [positions, audible] = [400, more.audible ?? 400];
  return {
    attention: made(starts, positions, audible),
    heads: HEADS,
    audible,
    words: counts.map((count, i) => word(` w${i}`, count)),
    probabilities: starts.slice(1).map(() => 0.5),
    ...more,
  };
}

describe('alignWords', () => {
  test('reads the times that a clear map shows, 20 ms a position', () => {
    const words = alignWords(input([0, 50, 80, 200, 300], [1, 2, 1]));
    expect(words.map(({ text, start, end }) => [text, start, end])).toEqual([
      ['w0', 0, 1000],
      ['w1', 1000, 4000],
      ['w2', 4000, 6000],
    ]);
  });

  test('finds any path to within the median filter', () => {
    const paths = fc
      .uniqueArray(fc.integer({ min: 1, max: 39 }), { minLength: 2, maxLength: 8 })
      .map((tens) => [0, ...tens.sort((a, b) => a - b).map((ten) => ten * 10)]);
    fc.assert(
      fc.property(paths, (starts) => {
        const words = alignWords(
          input(
            starts,
            starts.slice(1).map(() => 1),
          ),
        );
        expect(words.length).toBe(starts.length - 1);
        words.forEach(({ start, end }, i) => {
          expect(Math.abs(start - (starts[i] ?? NaN) * 20)).toBeLessThanOrEqual(60);
          expect(Math.abs(end - (starts[i + 1] ?? NaN) * 20)).toBeLessThanOrEqual(60);
        });
      }),
      { numRuns: 50 },
    );
  });

  test('is not misled by what padding hears', () => {
    const plain = input([0, 50, 80, 120], [1, 1, 1], { audible: 150 });
    const attention = plain.attention.map((row) => {
      const length = row.length / HEADS;
      return row.map((value, i) => (i % length < 150 ? value : 9));
    });
    const words = alignWords({ ...plain, attention });
    expect(words).toEqual(alignWords(plain));
    expect(words.at(-1)?.end).toBe(2400);
  });

  test('gives words in order, with times in the audio and the mean of their probabilities, whatever the map', () => {
    const maps = fc
      .record({
        counts: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
        audible: fc.integer({ min: 1, max: 40 }),
        seed: fc.integer({ min: 1, max: 1000 }),
      })
      .map(({ counts, audible, seed }): AlignmentInput => {
        const rows = counts.reduce((a, b) => a + b, 1);
        return {
          attention: Array.from({ length: rows }, (_, row) =>
            Float32Array.from({ length: HEADS * 40 }, (__, i) => Math.abs(Math.sin((row * HEADS * 40 + i) * seed))),
          ),
          heads: HEADS,
          audible,
          words: counts.map((count, i) => word(` w${i}`, count)),
          probabilities: Array.from({ length: rows - 1 }, (_, i) => i / rows),
        };
      });
    fc.assert(
      fc.property(maps, (one) => {
        const words = alignWords(one);
        expect(words.map(({ text }) => text)).toEqual(one.words.map(({ text }) => text.trim()));
        expect(words.map(({ tokens }) => tokens)).toEqual(one.words.map(({ tokens }) => tokens));
        let token = 0;
        words.forEach(({ start, end, probability }, i) => {
          expect(start).toBeGreaterThanOrEqual(words[i - 1]?.end ?? 0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(one.audible * 20);
          const odds = one.probabilities.slice(token, (token += one.words[i]?.tokens.length ?? 0));
          expect(probability).toBeCloseTo(odds.reduce((a, b) => a + b, 0) / odds.length, 9);
        });
      }),
    );
  });

  test('gives nothing for no words', () => {
    expect(alignWords(input([0], []))).toEqual([]);
  });
});
