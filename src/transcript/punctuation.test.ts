import { expect, test } from 'vitest';
import { endsClause, endsSentence } from './punctuation.ts';

test.each([
  ['done.', 'Next', true],
  ['done.”', 'Next', true],
  ['Why?', 'because', true],
  ['好。', '他', true],
  ['…', '', true],
  ['Mr.', 'Smith', false],
  ['J.', 'Smith', false],
  ['e.g.', 'This', false],
  ['approx.', 'five', false],
  ['2.', 'then', false],
  ['done', 'Next', false],
])('%s before %s ends a sentence: %s', (word, next, ends) => {
  expect(endsSentence(word, next)).toBe(ends);
});

test('a comma ends a clause, behind a quotation mark too', () => {
  expect(['so,', 'so,”', '就，', 'so'].map(endsClause)).toEqual([true, true, true, false]);
});
