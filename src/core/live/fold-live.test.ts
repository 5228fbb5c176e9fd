import { expect, test } from 'vitest';
import { millis, samples, type Samples } from '../units.ts';
import { foldLive, NEW_LIVE_VIEW, type Said } from './fold-live.ts';
import type { LiveEvent } from './live-event.ts';

const final = (utterance: number, text: string, to: Samples): LiveEvent => ({
  type: 'final',
  utterance,
  from: samples(0),
  to,
  fate: text === '' ? 'no-speech' : 'transcribed',
  text,
  words: [],
  tokens: [],
  language: 'en',
  avgLogprob: 0,
  noSpeechProbability: 0,
});

const saidAfter = (...events: readonly LiveEvent[]): Said | undefined =>
  foldLive(
    NEW_LIVE_VIEW,
    events.map((event, index) => ({ seq: index + 1, at: millis(0), event })),
  ).said;

test('remembers what was said last, past utterances without text', () => {
  expect(saidAfter()).toBeUndefined();
  const one = final(0, 'And so, my fellow Americans', samples(100));
  expect(saidAfter(one, final(1, '', samples(200)))).toEqual({ text: 'And so, my fellow Americans', to: 100 });
  expect(saidAfter(one, final(1, 'ask not', samples(200)))).toEqual({ text: 'ask not', to: 200 });
});

test('remembers the end of much, in whole words', () => {
  const said = saidAfter(final(0, 'one two three four five '.repeat(40).trim(), samples(100)))?.text ?? '';
  expect(said.length).toBeLessThanOrEqual(200);
  expect(said.length).toBeGreaterThan(190);
  expect(said).toMatch(/^(?:one|two|three|four|five) .* four five$/u);
});
