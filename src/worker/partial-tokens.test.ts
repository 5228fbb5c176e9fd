import { expect, test } from 'vitest';
import type { LiveJob, Meter } from '../core/index.ts';
import { LIVE_VERSION, samples } from '../core/index.ts';
import { PLAIN, madeResult } from '../core/testing/made-decoding.ts';
import { partialTokens } from './partial-tokens.ts';

test('tells tokens of partials that were spared or guessed from those that were decoded, and passes over finals', () => {
  const counted: Record<string, number> = {};
  const meter: Meter = {
    counter: () => ({
      add(value = 1, { how = '' } = {}) {
        counted[how] = (counted[how] ?? 0) + value;
      },
    }),
    histogram: () => ({ observe() {} }),
    gauge() {},
  };
  const count = partialTokens(meter);
  const hears = (kind: LiveJob['kind'], tokens: readonly number[], guessed?: number): void => {
    const place = { utterance: 0, revision: 2, from: samples(0), to: samples(16_000) };
    const job: LiveJob = {
      v: LIVE_VERSION,
      type: 'live',
      kind,
      session: 'live_1',
      ...place,
      speech: [],
      model: 'tiny.en',
      options: PLAIN,
      quick: false,
      settled: { text: 'well and so', tokens: [1, 2], kept: { words: 1, tokens: 10 } },
    };
    const result = madeResult('and so my fellow', { tokens, ...(guessed === undefined ? {} : { guessed }) });
    count(job, { type: 'heard', kind, ...place, result });
  };
  hears('partial', [1, 2, 3, 4, 5]);
  hears('partial', [1]);
  hears('partial', [1, 2, 3, 4, 5, 6], 3);
  hears('final', [1, 2, 3, 4, 5]);
  expect(counted).toEqual({ spared: 35, guessed: 3, decoded: 4 });
});
