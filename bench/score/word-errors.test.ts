import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startDistances } from './matched-words.ts';
import { normaliseEnglish } from './normalise.ts';
import { alignWords, errorRate, wordErrors } from './word-errors.ts';

describe('the normaliser', () => {
  test.each([
    ['Two hundred and five', '205'],
    ['fourteen fifty-five', '1455'],
    ['the twenty-first', 'the 21st'],
    ['3 million', '3000000'],
    ['one two three', '123'],
    ['wait a second', 'wait a second'],
    ["I can't, won't and shan't", 'i can not will not and sha not'],
    ["They're Mr. Gray's", 'they are mister gray is'],
    ['[noise] um, colour (laughs)', 'color'],
    ['$3.50 & 7%', '3 point 50 dollars and 7 percent'],
    ['at 5 p.m. in the U.S.A.', 'at 5 pm in the usa'],
  ])('reads %j as %j', (text, words) => {
    expect(normaliseEnglish(text).join(' ')).toBe(words);
  });

  test('changes nothing when it is applied again to plain words', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('press', 'yard', 'iron', 'blood', 'grain')), (words) => {
        expect(normaliseEnglish(words.join(' '))).toEqual(words);
      }),
    );
  });
});

describe('the alignment', () => {
  test('tells a changed, a missing and an added word apart', () => {
    expect(alignWords(['a', 'b', 'c'], ['a', 'x', 'c'])).toMatchObject({ substituted: 1, deleted: 0, inserted: 0 });
    expect(alignWords(['a', 'b', 'c'], ['a', 'c'])).toMatchObject({ substituted: 0, deleted: 1, inserted: 0 });
    expect(alignWords(['a', 'c'], ['a', 'b', 'c'])).toMatchObject({ substituted: 0, deleted: 0, inserted: 1 });
  });

  test('accounts for every word of both texts with as few edits as the texts differ in length at least', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });
    fc.assert(
      fc.property(words, words, (reference, text) => {
        const { substituted, deleted, inserted } = alignWords(reference, text);
        expect(reference.length - deleted + inserted).toBe(text.length);
        const edits = substituted + deleted + inserted;
        expect(edits).toBeGreaterThanOrEqual(Math.abs(reference.length - text.length));
        expect(edits).toBeLessThanOrEqual(Math.max(reference.length, text.length));
        expect(edits === 0).toBe(reference.join() === text.join());
      }),
    );
  });

  test('counts an empty text as wholly deleted', () => {
    expect(errorRate(wordErrors('eight. The press yard.', ''))).toBe(1);
  });
});

test('compares the starts of the words that both have, whatever stands between', () => {
  const left = [
    ['And', 0],
    ['so,', 0.75],
    ['my', 1.4],
    ['country.', 3],
  ] as const;
  const right = [
    ['and', 0.1],
    ['my', 1.2],
    ['Country', 3.05],
    ['Hm', 4],
  ] as const;
  const distances = startDistances(
    left.map(([text, start]) => [text, start]),
    right.map(([text, start]) => [text, start]),
  );
  expect(distances.map((value) => value.toFixed(2))).toEqual(['0.10', '0.20', '0.05']);
});
