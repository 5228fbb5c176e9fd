import { expect, test } from 'vitest';
import { seededRandom } from './random.ts';

const draws = (seed: number, count: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random());
};

test('gives the same numbers for the same seed and others for another', () => {
  expect(draws(7, 50)).toEqual(draws(7, 50));
  expect(new Set([1, 2, 3, -1, 0].flatMap((seed) => draws(seed, 20))).size).toBe(100);
});

test('fills [0, 1) evenly', () => {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const value of draws(0, 10_000)) {
    const at = Math.floor(value * 10);
    tenths[at] = (tenths[at] ?? 0) + 1;
  }
  expect(tenths.length).toBe(10);
  // Four standard deviations about a thousand.
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(120);
});
