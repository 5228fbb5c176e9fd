import { expect, test } from 'vitest';
import { slowdowns, slowdownsLine } from './slowdowns.ts';

test('tells what share of the time was slow, and for how long on end', () => {
  const found = slowdowns([1, 1, 1, 4, 3, 1, 2.9, 5, 1, 1, 1], 0.1);
  expect(found).toEqual({ seconds: 0.1, share: 0.12, longestMs: 7 });
  expect(slowdownsLine(found)).toContain('12.0 %');
});

test('a steady machine has none', () => {
  expect(slowdowns([1, 1.1, 0.9, 1], 1)).toEqual({ seconds: 1, share: 0, longestMs: 0 });
});
