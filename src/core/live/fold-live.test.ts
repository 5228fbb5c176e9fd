import { expect, test } from 'vitest';
import { millis, samples, type Samples } from '../units.ts';
import { foldLive, NEW_LIVE_VIEW } from './fold-live.ts';
import type { Word } from '../transcript.ts';
import type { LiveEvent, UtteranceFate } from './live-event.ts';

const final = (utterance: number, text: string, to: Samples): Extract<LiveEvent, { type: 'final' }> => ({
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

const SECOND = 16_000;

/** A word that takes a second, and the final of one. */
const wordAt = (second: number): Word => ({
  text: `word${second}`,
  start: millis(second * 1000),
  end: millis(second * 1000 + 1000),
  probability: 1,
  tokens: [second],
});
const finalAt = (utterance: number, second: number, fate: UtteranceFate = 'transcribed'): LiveEvent => {
  const isHeard = fate === 'transcribed' || fate === 'failed';
  const to = samples((second + 1) * SECOND);
  return isHeard
    ? { ...final(utterance, `word${second}`, to), fate, words: [wordAt(second)] }
    : { ...final(utterance, '', to), fate };
};
const saidAfter = (...events: readonly LiveEvent[]): string | undefined =>
  foldLive(
    NEW_LIVE_VIEW,
    events.map((event, index) => ({ seq: index + 1, at: millis(0), event })),
  ).said?.text;

test('remembers the end of what was said, in whole words, whichever finals it is of', () => {
  expect(saidAfter()).toBeUndefined();
  expect(saidAfter(finalAt(0, 0), finalAt(1, 3))).toBe('word0 word3');
  expect(saidAfter(finalAt(0, 0), finalAt(1, 3), finalAt(2, 5, 'no-speech'))).toBe('word0 word3');
  const all = Array.from({ length: 60 }, (_, second) => `word${second}`);
  const said = saidAfter(...all.map((_, second) => finalAt(second, second))) ?? '';
  expect(said.length).toBeGreaterThan(190);
  expect(said.length).toBeLessThanOrEqual(200);
  expect(all.join(' ').endsWith(` ${said}`)).toBe(true);
});

test('takes nothing from what nobody has heard, or wants', () => {
  for (const fate of ['failed', 'cleared'] as const) {
    expect(saidAfter(finalAt(0, 0), finalAt(1, 3, fate))).toBe('word0');
  }
});
