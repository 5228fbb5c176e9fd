import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SUPPRESSION } from '../graph/decoder-graph.ts';
import type { SpecialTokens } from '../tokenizer/tokenizer.ts';
import type { LogitRules } from './logits.ts';
import { applyRules, draw, logSumExp, topCandidates } from './logits.ts';

/** Ten words, the steering tokens, and stamps up to 4.00 s. */
const special: SpecialTokens = {
  endOfText: 10,
  startOfTranscript: 11,
  translate: 12,
  transcribe: 13,
  startOfLm: 14,
  startOfPrevious: 15,
  noSpeech: 16,
  noTimestamps: 17,
  timestampBegin: 18,
  languages: new Map(),
};
const BEGIN = special.timestampBegin;
const VOCABULARY = BEGIN + 201;
const STEERING = [11, 12, 13, 14, 15, 16, 17];
const isStamp = (token: number): boolean => token >= BEGIN;

const rules = (more: Partial<LogitRules> = {}): LogitRules => ({
  special,
  vocabulary: VOCABULARY,
  restored: [],
  notFirst: [0, special.endOfText],
  timestamps: true,
  lastTimestamp: BEGIN + 150,
  ...more,
});

const noise = fc.infiniteStream(fc.double({ min: -6, max: 6, noNaN: true }));

/** Follows the rules with random logits until the end token or `most` tokens. */
function walk(numbers: fc.Stream<number>, of: LogitRules, most = 40): number[] {
  const tokens: number[] = [];
  while (tokens.length < most) {
    const row = Float32Array.from(numbers.take(VOCABULARY));
    for (const token of STEERING) row[token] = -SUPPRESSION;
    applyRules(row, tokens, of);
    const [best] = topTokens(row);
    if (best === undefined || best === special.endOfText) break;
    tokens.push(best);
  }
  return tokens;
}

const topTokens = (row: Float32Array): number[] => Array.from(topCandidates(row, VOCABULARY).tokens);

describe('time-stamp rules', () => {
  const texts = noise.map((numbers) => walk(numbers, rules()));

  test('begin with a stamp of at most one second', () => {
    fc.assert(
      fc.property(texts, ([first = 0]) => {
        expect(first).toBeGreaterThanOrEqual(BEGIN);
        expect(first).toBeLessThanOrEqual(BEGIN + 50);
      }),
      { numRuns: 40 },
    );
  });

  test('never go back in time nor past the end of the audio', () => {
    fc.assert(
      fc.property(texts, (tokens) => {
        const stamps = tokens.filter(isStamp);
        stamps.forEach((stamp, i) => expect(stamp).toBeGreaterThanOrEqual(stamps[i - 1] ?? BEGIN));
        expect(Math.max(...stamps)).toBeLessThanOrEqual(BEGIN + 150);
      }),
      { numRuns: 40 },
    );
  });

  test('put stamps in pairs: an end is followed by a start or by nothing, a start by text', () => {
    fc.assert(
      fc.property(texts, (tokens) => {
        // What stands between two stamps of different spans is never empty, nor is a stamp alone inside the text.
        const shape = tokens.map((token) => (isStamp(token) ? 's' : 't')).join('');
        expect(shape).toMatch(/^s(t+(ss(?=t|$)|s$|$))*$/);
      }),
      { numRuns: 40 },
    );
  });

  test('take a stamp when all stamps together are likelier than the best word', () => {
    const row = new Float32Array(VOCABULARY).fill(-20);
    row[3] = 1;
    row.fill(-3, BEGIN + 20, BEGIN + 120);
    // Log of a hundred stamps at e^-3 is 1.6, more than 1.
    applyRules(row, [BEGIN, 4], rules());
    expect(topTokens(row)[0]).toBe(BEGIN + 20);
    const fewer = new Float32Array(VOCABULARY).fill(-20);
    fewer[3] = 1;
    fewer.fill(-3, BEGIN + 20, BEGIN + 40);
    applyRules(fewer, [BEGIN, 4], rules());
    expect(topTokens(fewer)[0]).toBe(3);
  });
});

describe('applyRules', () => {
  test('gives back what the graph suppressed, when a decode wants it', () => {
    const row = Float32Array.of(1, 2, 3 - SUPPRESSION, 4 - SUPPRESSION);
    applyRules(row, [1], rules({ timestamps: false, restored: [3] }));
    expect(row[3]).toBeCloseTo(4, 3);
    expect(row[2]).toBeLessThan(-900);
  });

  test('keeps the blank and the end from being first, and only first', () => {
    const row = (): Float32Array => new Float32Array(VOCABULARY).fill(1);
    const first = row();
    applyRules(first, [], rules({ timestamps: false }));
    expect([first[0], first[10], first[1]]).toEqual([-Infinity, -Infinity, 1]);
    const later = row();
    applyRules(later, [4], rules({ timestamps: false }));
    expect(later).toEqual(row());
  });
});

const logits = fc
  .array(fc.oneof(fc.double({ min: -50, max: 50, noNaN: true }), fc.constant(-Infinity), fc.constantFrom(0, 1)), {
    minLength: 20,
    maxLength: 80,
  })
  .filter((values) => values.some(Number.isFinite))
  .map((values) => Float32Array.from(values));

describe('topCandidates', () => {
  test('is the head of the sorted row, equal scores in order of their ids', () => {
    fc.assert(
      fc.property(logits, (row) => {
        const sorted = [...row.keys()].sort((a, b) => (row[b] === row[a] ? a - b : (row[b] ?? 0) - (row[a] ?? 0)));
        const { tokens, logprobs } = topCandidates(row, row.length);
        expect(tokens).toEqual(sorted.slice(0, tokens.length));
        expect(tokens.length).toBeGreaterThanOrEqual(12);
        const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value - 50), 0)) + 50;
        Array.from(logprobs).forEach((logprob, i) => {
          const score = row[sorted[i] ?? 0] ?? NaN;
          expect(Number.isFinite(score) ? Math.abs(logprob - (score - total)) : 0).toBeLessThan(1e-3);
        });
      }),
    );
  });

  test('never looks past the vocabulary', () => {
    expect(topTokens(new Float32Array(VOCABULARY + 30).fill(5, VOCABULARY)).every((id) => id < VOCABULARY)).toBe(true);
  });
});

describe('draw', () => {
  test('never draws what has no probability, and tells the log probability at temperature 1', () => {
    fc.assert(
      fc.property(logits, fc.double({ min: 0, max: 0.999_999, noNaN: true }), (row, random) => {
        const { tokens, logprobs } = draw(row, row.length, 0.7, random);
        const score = row[tokens[0] ?? -1] ?? NaN;
        expect(Number.isFinite(score)).toBe(true);
        expect(logprobs[0]).toBeCloseTo(score - logSumExp(row, 0, row.length), 5);
      }),
    );
  });

  test('draws each token as often as its probability at the temperature says', () => {
    const row = Float32Array.of(0, Math.log(3), -Infinity, Math.log(4));
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 1000; i++) {
      const token = draw(row, 4, 0.5, (i + 0.5) / 1000).tokens[0] ?? 0;
      counts[token] = (counts[token] ?? 0) + 1;
    }
    // At temperature 0.5 probabilities go as their squares: 1 : 9 : 0 : 16.
    expect(counts[2]).toBe(0);
    [1 / 26, 9 / 26, 0, 16 / 26].forEach((share, i) => {
      expect(Math.abs((counts[i] ?? 0) / 1000 - share)).toBeLessThan(0.002);
    });
  });
});

test('logSumExp of nothing is nothing, and of large numbers does not overflow', () => {
  expect(logSumExp(new Float32Array([-Infinity, -Infinity]), 0, 2)).toBe(-Infinity);
  expect(logSumExp(new Float32Array([1000, 1000]), 0, 2)).toBeCloseTo(1000 + Math.log(2), 3);
});
