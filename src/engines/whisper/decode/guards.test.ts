import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compressionRatio, cutLoop, endsEarly, hasEcho, isRefrain, loopPeriod, tokenLimit } from './guards.ts';

/** Different tokens, so that the phrase's own period is its length. */
const phrase = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength, maxLength });
/** Tokens that no phrase holds. */
const before = fc.array(fc.integer({ min: 100, max: 200 }), { maxLength: 12 });
const repeat = (tokens: readonly number[], times: number): number[] =>
  Array.from({ length: times }, () => tokens).flat();

describe('loopPeriod', () => {
  test('finds a phrase said three times, and a word or two said five times', () => {
    fc.assert(
      fc.property(before, phrase(3, 24), fc.integer({ min: 3, max: 5 }), (head, turn, times) => {
        expect(loopPeriod([...head, ...repeat(turn, times)])).toBe(turn.length);
      }),
    );
    fc.assert(
      fc.property(before, phrase(1, 2), fc.integer({ min: 5, max: 9 }), (head, turn, times) => {
        expect(loopPeriod([...head, ...repeat(turn, times)])).toBe(turn.length);
      }),
    );
  });

  test('lets people say a phrase twice and a word four times', () => {
    fc.assert(
      fc.property(phrase(3, 24), phrase(1, 2), (long, short) => {
        expect([loopPeriod(repeat(long, 2)), loopPeriod(repeat(short, 4))]).toEqual([0, 0]);
      }),
    );
  });

  test('looks at the end only', () => {
    fc.assert(
      fc.property(phrase(3, 8), before, (turn, after) => {
        expect(loopPeriod([...repeat(turn, 4), 300, ...after.slice(0, 2)])).toBe(0);
      }),
    );
  });
});

describe('cutLoop', () => {
  test('keeps what stood before the loop and its first turn, and nothing else', () => {
    fc.assert(
      fc.property(before, phrase(3, 24), fc.integer({ min: 3, max: 5 }), (head, turn, times) => {
        expect(cutLoop([...head, ...repeat(turn, times)])).toEqual([...head, ...turn]);
      }),
    );
  });

  test('gives a beginning of what it is given that loops no more, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 60 }), (tokens) => {
        const cut = cutLoop(tokens);
        expect(cut).toEqual(tokens.slice(0, cut.length));
        expect(cut.length).toBeGreaterThanOrEqual(Math.min(tokens.length, 1));
        expect(loopPeriod(tokens) > 0 ? cut.length : tokens.length).toBe(cut.length);
      }),
    );
  });
});

describe('hasEcho', () => {
  test('is true exactly when five tokens or more are said twice in a row', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 24 }), (tokens) => {
        let expected = false;
        for (let from = 0; from < tokens.length; from++) {
          for (let length = 5; from + 2 * length <= tokens.length; length++) {
            const once = tokens.slice(from, from + length).join();
            expected ||= once === tokens.slice(from + length, from + 2 * length).join();
          }
        }
        expect(hasEcho(tokens)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('hears an echo in the middle', () => {
    fc.assert(
      fc.property(before, phrase(5, 20), before, (head, turn, tail) => {
        expect(hasEcho([...head, ...turn, ...turn, ...tail])).toBe(true);
      }),
    );
  });
});

test.each([
  ['Firefox Firefox', true],
  ['Ask not! Ask not.', true],
  ['No, no, no, no.', true],
  ['No, no, no.', true],
  ['No, no, yes, no.', false],
  ['Ask not. Ask what.', false],
  ['Papa.', false],
  ['', false],
])('"%s" is one phrase, again and again: %s', (text, isOne) => {
  expect(isRefrain(text)).toBe(isOne);
});

describe('compressionRatio', () => {
  test('is the ratio of bytes to deflated bytes, 0 for no text', () => {
    expect(compressionRatio('')).toBe(0);
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (text) => {
        const bytes = Buffer.from(text);
        expect(compressionRatio(text)).toBeCloseTo(bytes.length / deflateSync(bytes).length, 12);
      }),
    );
  });

  test('tells speech from a loop at Whisper’s threshold of 2.4', () => {
    const speech = 'And so, my fellow Americans, ask not what your country can do for you.';
    expect(compressionRatio(speech)).toBeLessThan(1.5);
    expect(compressionRatio(`${speech} `.repeat(8))).toBeGreaterThan(2.4);
  });
});

describe('endsEarly', () => {
  test('wants more text of more speech, and forgives a short word', () => {
    expect(endsEarly('', 1.9)).toBe(false);
    expect(endsEarly('', 2)).toBe(true);
    expect(endsEarly('Yes.', 10)).toBe(true);
    expect(endsEarly('And so, my fellow Americans, ask not what your country', 10)).toBe(false);
  });

  test('never takes offence at a longer text of the same speech', () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0, max: 30, noNaN: true }), (text, seconds) => {
        expect(endsEarly(`${text.trim()}more`, seconds) && !endsEarly(text, seconds)).toBe(false);
      }),
    );
  });
});

test('tokenLimit leaves room for a short word and grows with the audio', () => {
  expect(tokenLimit(0)).toBeGreaterThanOrEqual(10);
  for (let seconds = 1; seconds <= 30; seconds++) expect(tokenLimit(seconds)).toBeGreaterThan(tokenLimit(seconds - 1));
});
