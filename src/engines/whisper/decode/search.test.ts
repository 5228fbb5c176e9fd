import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hypothesis } from './hypothesis.ts';
import { rank } from './hypothesis.ts';
import type { Candidates } from './plan.ts';
import type { Frontier, SearchRules } from './search.ts';
import { advance, bestOf, isSettled } from './search.ts';

const END = 9;
const ROOT: Hypothesis = { tokens: [], logprobs: [], total: 0, cells: [], attention: [] };
const START: Frontier = { live: [ROOT], ended: [] };

const rules = (beamSize: number, more: Partial<SearchRules> = {}): SearchRules => ({
  endOfText: END,
  beamSize,
  lengthPenalty: 1,
  pruneBehind: Infinity,
  mergeAfter: Infinity,
  ...more,
});

/** A language model: the log probabilities of what may follow a text. */
type Language = (tokens: readonly number[]) => readonly (readonly [token: number, logprob: number])[];

const WORDS = [0, 1, 2];
const LONGEST = 3;

/** Random but fixed: each text has its own distribution over three words and the end, which is certain after three. */
function madeLanguage(numbers: readonly number[]): Language {
  return (tokens) => {
    if (tokens.length === LONGEST) return [[END, 0]];
    const at = tokens.reduce((sum, token) => sum * 4 + token + 1, 0);
    const weights = [...WORDS, END].map((_, i) => Math.exp(numbers[(at * 4 + i) % numbers.length] ?? 0));
    const total = weights.reduce((a, b) => a + b, 0);
    return [...WORDS, END].map((token, i) => [token, Math.log((weights[i] ?? 0) / total)]);
  };
}

function candidates(language: Language, tokens: readonly number[]): Candidates {
  const best = [...language(tokens)].sort(([, a], [, b]) => b - a);
  return { tokens: best.map(([token]) => token), logprobs: best.map(([, logprob]) => logprob) };
}

function search(language: Language, of: SearchRules): { readonly best: Hypothesis; readonly steps: Frontier[] } {
  const steps = [START];
  let frontier = START;
  do {
    frontier = advance(
      frontier,
      frontier.live.map(({ tokens }) => candidates(language, tokens)),
      of,
    );
    steps.push(frontier);
  } while (!isSettled(frontier, of));
  return { best: bestOf(frontier, of.lengthPenalty) ?? ROOT, steps };
}

/** Every text of the language with its total. */
function allTexts(language: Language, from: Hypothesis = ROOT): Hypothesis[] {
  return language(from.tokens).flatMap(([token, logprob]) => {
    const total = from.total + logprob;
    const logprobs = [...from.logprobs, logprob];
    if (token === END) return [{ ...from, logprobs, total }];
    return allTexts(language, { ...from, tokens: [...from.tokens, token], logprobs, total });
  });
}

const language = fc
  .array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 97, maxLength: 97 })
  .map(madeLanguage);

describe('beam search', () => {
  test('takes the likeliest token at every step when the beam is one', () => {
    fc.assert(
      fc.property(language, (model) => {
        const expected: number[] = [];
        for (;;) {
          const token = candidates(model, expected).tokens[0] ?? END;
          if (token === END) break;
          expected.push(token);
        }
        const { best } = search(model, rules(1));
        expect(best.tokens).toEqual(expected);
        expect(best.logprobs.length).toBe(expected.length + 1);
      }),
    );
  });

  test('finds the best text of all when the beam is as wide as the language', () => {
    fc.assert(
      fc.property(language, fc.constantFrom(0, 0.6, 1, 2), (model, lengthPenalty) => {
        const of = rules(64, { lengthPenalty });
        const { best } = search(model, of);
        const expected = Math.max(...allTexts(model).map((text) => rank(text, lengthPenalty)));
        expect(rank(best, lengthPenalty)).toBeCloseTo(expected, 9);
      }),
    );
  });

  test('keeps at most a beam of texts, best first, each with the sum of its parts', () => {
    fc.assert(
      fc.property(language, fc.integer({ min: 1, max: 5 }), (model, beamSize) => {
        for (const { live, ended } of search(model, rules(beamSize)).steps) {
          expect(live.length).toBeLessThanOrEqual(beamSize);
          live.forEach((one, i) => expect(one.total).toBeLessThanOrEqual(live[i - 1]?.total ?? 0));
          for (const one of [...live, ...ended]) {
            expect(one.tokens).not.toContain(END);
            expect(one.total).toBeCloseTo(
              one.logprobs.reduce((a, b) => a + b, 0),
              9,
            );
          }
          expect(ended.every((one) => one.logprobs.length === one.tokens.length + 1)).toBe(true);
        }
      }),
    );
  });

  test('gives up what falls too far behind, and never the best', () => {
    const given: Candidates[] = [{ tokens: [0, 1, 2], logprobs: [-0.1, -3, -9] }];
    const { live } = advance(START, given, rules(3, { pruneBehind: 8 }));
    expect(live.map(({ tokens }) => tokens)).toEqual([[0], [1]]);
    const strict = advance(START, given, rules(3, { pruneBehind: 0 }));
    expect(strict.live.map(({ tokens }) => tokens)).toEqual([[0]]);
  });

  test('gives up what falls too far behind a text that ended', () => {
    const given: Candidates[] = [{ tokens: [END, 0, 1], logprobs: [-0.1, -2, -4] }];
    const { live, ended } = advance(START, given, rules(3, { pruneBehind: 3 }));
    expect(ended.length).toBe(1);
    const next = advance({ live, ended }, [{ tokens: [1, 2], logprobs: [-1, -1.5] }], rules(3, { pruneBehind: 3 }));
    expect(next.live.map(({ total }) => total)).toEqual([-3]);
  });

  test('keeps the likelier of texts that end alike, and makes room for others', () => {
    const live = [[0, 1, 2], [1, 1, 2], [2]].map((tokens, i): Hypothesis => ({
      ...ROOT,
      tokens,
      logprobs: tokens.map(() => -i),
      total: -i,
    }));
    const given: Candidates[] = live.map(() => ({ tokens: [0, 1], logprobs: [-0.1, -3] }));
    const textsOf = (of: SearchRules): readonly (readonly number[])[] =>
      advance({ live, ended: [] }, given, of).live.map(({ tokens }) => tokens);
    const all = [
      [0, 1, 2, 0],
      [1, 1, 2, 0],
      [2, 0],
    ];
    expect(textsOf(rules(3))).toEqual(all);
    expect(textsOf(rules(3, { mergeAfter: 4 }))).toEqual(all);
    // The last three tokens of the second are those of the first; a text of two is none of theirs.
    expect(textsOf(rules(3, { mergeAfter: 3 }))).toEqual([
      [0, 1, 2, 0],
      [2, 0],
      [0, 1, 2, 1],
    ]);
  });

  test('never merges the best away', () => {
    fc.assert(
      fc.property(language, fc.integer({ min: 1, max: 3 }), (model, mergeAfter) => {
        const steps = search(model, rules(4, { mergeAfter })).steps;
        steps.slice(1).forEach(({ live }, i) => {
          const before = steps[i];
          if (before === undefined || live.length === 0) return;
          const all = advance(
            before,
            before.live.map(({ tokens }) => candidates(model, tokens)),
            rules(4),
          );
          expect(live[0]).toEqual(all.live[0]);
          const ends = live.map(({ tokens }) => tokens.slice(-mergeAfter).join(' '));
          const long = ends.filter((_, j) => (live[j]?.tokens.length ?? 0) >= mergeAfter);
          expect(new Set(long).size).toBe(long.length);
        });
      }),
    );
  });

  test('sets an ended text aside and lets the others grow', () => {
    const { live, ended } = advance(START, [{ tokens: [END, 0, 1], logprobs: [-0.5, -1, -2] }], rules(2));
    expect(ended.map(({ tokens, total }) => [tokens, total])).toEqual([[[], -0.5]]);
    expect(live.map(({ tokens }) => tokens)).toEqual([[0], [1]]);
    expect(isSettled({ live, ended }, rules(2))).toBe(false);
    expect(isSettled({ live: [], ended }, rules(2))).toBe(true);
  });
});

test('bestOf prefers any ended text to every living one, and needs one of either', () => {
  const ended: Hypothesis = { tokens: [1], logprobs: [-2, -3], total: -5, cells: [], attention: [] };
  const living: Hypothesis = { tokens: [2], logprobs: [-0.1], total: -0.1, cells: [], attention: [] };
  expect(bestOf({ live: [living], ended: [ended] }, 1)).toBe(ended);
  expect(bestOf({ live: [living], ended: [] }, 1)).toBe(living);
  expect(bestOf({ live: [], ended: [] }, 1)).toBeUndefined();
});
