import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { flow } from './flow.ts';

test('breaks lines at spaces, and words that are longer than a line anywhere', () => {
  expect(flow('one two three', 0, 9)).toEqual({ text: 'one two\nthree', column: 5, rows: 1 });
  expect(flow(' three', 7, 9)).toEqual({ text: '\nthree', column: 5, rows: 1 });
  expect(flow('rest', 4, 9)).toEqual({ text: 'rest', column: 8, rows: 0 });
  expect(flow('abcdefghijkl', 0, 5)).toEqual({ text: 'abcde\nfghij\nkl', column: 2, rows: 2 });
});

test('wide letters take two columns and break anywhere', () => {
  expect(flow('今日は晴れ', 0, 6)).toEqual({ text: '今日は\n晴れ', column: 4, rows: 1 });
});

test('no line is too long, and nothing but spaces is lost', () => {
  const words = fc.array(fc.stringMatching(/^[a-zé]{1,14}$/), { maxLength: 20 });
  fc.assert(
    fc.property(words, fc.nat(8), fc.integer({ min: 9, max: 30 }), (list, column, width) => {
      const text = list.join(' ');
      const flowed = flow(text, column, width);
      const [first = '', ...others] = flowed.text.split('\n');
      expect(column + first.length).toBeLessThanOrEqual(Math.max(width, column));
      expect(Math.max(0, ...others.map(({ length }) => length))).toBeLessThanOrEqual(width);
      expect(flowed.text.replaceAll(/\s/g, '')).toBe(list.join(''));
      expect(flowed.rows).toBe(others.length);
      expect(flowed.column).toBe(others.length === 0 ? column + first.length : (others.at(-1) ?? '').length);
    }),
  );
});
