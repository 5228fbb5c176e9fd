import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { madeOptions } from '../testing/made-options.ts';
import type { Draft } from './attempt.ts';
import { judge, planAttempts } from './attempt.ts';

const CONTEXT = 1500;

describe('planAttempts', () => {
  const seconds = fc.double({ min: 0.01, max: 30, noNaN: true });
  const temperatures = fc.constantFrom([0], [0, 0.2, 0.4], [0, 0.2, 0.4, 0.6, 0.8, 1]);

  test('never cuts the audio off, never exceeds the model, never narrows', () => {
    fc.assert(
      fc.property(seconds, temperatures, (length, of) => {
        const attempts = planAttempts(length, of, CONTEXT);
        attempts.forEach(({ positions }, i) => {
          expect(Number.isInteger(positions)).toBe(true);
          expect(positions).toBeGreaterThanOrEqual(Math.min(CONTEXT, Math.floor(length * 50)));
          expect(positions).toBeGreaterThanOrEqual(attempts[i - 1]?.positions ?? 1);
          expect(positions).toBeLessThanOrEqual(CONTEXT);
        });
      }),
    );
  });

  test('tries each temperature in order, those above the first on the whole window', () => {
    fc.assert(
      fc.property(seconds, temperatures, (length, of) => {
        const attempts = planAttempts(length, of, CONTEXT);
        expect([...new Set(attempts.map(({ temperature }) => temperature))]).toEqual(of);
        expect(attempts.filter(({ temperature }) => temperature > 0).every((a) => a.positions === CONTEXT)).toBe(true);
        expect(new Set(attempts.map((attempt) => JSON.stringify(attempt))).size).toBe(attempts.length);
      }),
    );
  });

  test('listens to a short segment with a short window first, and to 30 s with the whole at once', () => {
    expect(planAttempts(4, [0], CONTEXT)[0]?.positions).toBeLessThan(CONTEXT / 2);
    expect(planAttempts(30, [0], CONTEXT)).toEqual([{ positions: CONTEXT, temperature: 0 }]);
  });

  test('keeps to a model that hears less', () => {
    expect(planAttempts(10, [0, 0.5], 100)).toEqual([
      { positions: 100, temperature: 0 },
      { positions: 100, temperature: 0.5 },
    ]);
  });
});

describe('judge', () => {
  const options = madeOptions();
  const good: Draft = {
    text: 'ask not what your country can do for you',
    looped: false,
    echoes: false,
    avgLogprob: -0.2,
    noSpeechProbability: 0.01,
  };
  const verdict = (more: Partial<Draft>, seconds = 4) => {
    const { retry, silent } = judge({ ...good, ...more }, seconds, options);
    return { retry, silent };
  };

  test.each([
    ['holds what nothing speaks against', {}, { retry: undefined, silent: false }],
    ['tries a loop again', { looped: true }, { retry: 'loop', silent: false }],
    ['tries a text again that is too short for its speech', { text: 'ask' }, { retry: 'early-end', silent: false }],
    ['tries an echo again', { echoes: true }, { retry: 'repetition', silent: false }],
    ['tries a repetitive text again', { text: 'what you can do, '.repeat(20) }, { retry: 'repetition', silent: false }],
    ['tries an improbable text again', { avgLogprob: -1.1 }, { retry: 'low-probability', silent: false }],
    [
      'believes in silence when the text is improbable too',
      { avgLogprob: -1.1, noSpeechProbability: 0.7, looped: true },
      { retry: undefined, silent: true },
    ],
    [
      'does not believe in silence when the text is probable',
      { noSpeechProbability: 0.99 },
      { retry: undefined, silent: false },
    ],
  ])('%s', (_what, more, expected) => {
    expect(verdict(more)).toEqual(expected);
  });

  test('lets a short sound be a short word', () => {
    expect(verdict({ text: 'no' }, 1)).toEqual({ retry: undefined, silent: false });
  });

  test('tells how well the text deflates', () => {
    expect(judge(good, 4, options).compressionRatio).toBeCloseTo(0.83, 1);
  });
});
