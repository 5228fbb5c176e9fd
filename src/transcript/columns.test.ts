import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { columns, cutToColumns } from './columns.ts';

test('a grapheme cluster is one column, whatever it is made of', () => {
  expect(columns('cafe\u0301')).toBe(4);
  expect(columns('नमस्ते')).toBe(3);
});

test('full-width characters and pictographs take two columns', () => {
  expect(columns('東京タワー')).toBe(10);
  expect(columns('한국')).toBe(4);
  expect(columns('👩‍👩‍👧')).toBe(2);
  expect(columns('！')).toBe(2);
});

test('cut pieces are within the width, put together again, and never part a cluster', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 2, max: 20 }), (text, width) => {
      const pieces = cutToColumns(text, width);
      expect(pieces.join('')).toBe(text);
      for (const piece of pieces) expect(columns(piece)).toBeLessThanOrEqual(width);
    }),
  );
});
