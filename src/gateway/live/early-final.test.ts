import { expect, test } from 'vitest';
import { NEW_LIVE_VIEW, foldLive, millis, samples } from '../../core/index.ts';
import type { HeardWhole, LiveEvent, LiveView, Word } from '../../core/index.ts';
import { earlyFinal } from './early-final.ts';

const word = (start: number): Word => ({
  text: 'yes',
  start: millis(start),
  end: millis(50),
  probability: 0.9,
  tokens: [7],
});
const WHOLE: HeardWhole = {
  text: 'yes',
  words: [word(10)],
  tokens: [7],
  language: 'en',
  languageProbability: 0.9,
  avgLogprob: -0.2,
  noSpeechProbability: 0.1,
};

const view = (...events: readonly LiveEvent[]): LiveView =>
  foldLive(
    NEW_LIVE_VIEW,
    events.map((event, index) => ({ seq: index + 1, at: millis(0), event })),
  );
const start = (utterance: number): LiveEvent => ({ type: 'speech-start', utterance, at: samples(utterance * 1000) });
const heard = (utterance: number, revision: number, whole?: HeardWhole): LiveEvent => {
  const [from, to] = [samples(utterance * 1000), samples(utterance * 1000 + 500)];
  // Words that were settled before have the times that they were shown with.
  const shown = { text: 'yes', stable: 0, settled: 0, words: [word(12)] };
  return { type: 'partial', utterance, revision, from, to, ...shown, ...(whole === undefined ? {} : { whole }) };
};

test('an utterance that ends where its last partial heard all of it has its final at once', () => {
  const { languageProbability: probability, ...told } = WHOLE;
  expect(earlyFinal(view(start(0), heard(0, 1, WHOLE)), 0, samples(500))).toEqual([
    { type: 'language', language: 'en', probability },
    { type: 'final', utterance: 0, from: 0, to: 500, fate: 'transcribed', ...told },
  ]);
});

test('an utterance of which nothing was heard is taken back at once', () => {
  const nothing = { ...WHOLE, text: '', words: [], tokens: [] };
  expect(earlyFinal(view(start(0), heard(0, 1, nothing)), 0, samples(500))).toMatchObject([
    { type: 'final', fate: 'no-speech', text: '' },
  ]);
});

test.each([
  ['ends elsewhere', view(start(0), heard(0, 1, WHOLE)), 0, 501],
  ['was heard as a partial only', view(start(0), heard(0, 1)), 0, 500],
  ['was heard again since', view(start(0), heard(0, 1, WHOLE), heard(0, 2)), 0, 500],
  ['has another before it without its final', view(start(0), start(1), heard(1, 1, WHOLE)), 1, 1500],
])('an utterance that %s has to be heard yet', (_, now, utterance, to) => {
  expect(earlyFinal(now, utterance, samples(to))).toEqual([]);
});
