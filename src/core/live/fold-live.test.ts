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
const wordsAfter = (...events: readonly LiveEvent[]): readonly string[] =>
  (
    foldLive(
      NEW_LIVE_VIEW,
      events.map((event, index) => ({ seq: index + 1, at: millis(0), event })),
    ).recent ?? []
  ).map(({ text }) => text);

test('remembers all words of the last seconds, whichever finals they are of', () => {
  expect(wordsAfter()).toEqual([]);
  expect(wordsAfter(finalAt(0, 0), finalAt(1, 3))).toEqual(['word0', 'word3']);
  expect(wordsAfter(finalAt(0, 0), finalAt(1, 3), finalAt(2, 5, 'no-speech'))).toEqual(['word0', 'word3']);
  expect(wordsAfter(finalAt(0, 0), finalAt(1, 3), finalAt(2, 17))).toEqual(['word3', 'word17']);
});

test('knows no words of before what nobody has heard', () => {
  for (const fate of ['failed', 'cleared'] as const) {
    expect(wordsAfter(finalAt(0, 0), finalAt(1, 3, fate))).toEqual([]);
    expect(wordsAfter(finalAt(0, 0), finalAt(1, 3, fate), finalAt(2, 5))).toEqual(['word5']);
  }
});
