import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimate, median, quantile } from './statistics.ts';

test('takes the middle, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(quantile([0, 10], 0.9)).toBeCloseTo(9);
});

test('refuses to take a quantile of nothing', () => {
  expect(() => median([])).toThrow(RangeError);
});

test('brackets the median with an interval inside the range of the values', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 1, maxLength: 9 }), (values) => {
      const { low, median: middle, high } = estimate(values);
      expect(low).toBeLessThanOrEqual(middle);
      expect(middle).toBeLessThanOrEqual(high);
      expect(Math.min(...values)).toBeLessThanOrEqual(low);
      expect(high).toBeLessThanOrEqual(Math.max(...values));
    }),
    { numRuns: 30 },
  );
});
