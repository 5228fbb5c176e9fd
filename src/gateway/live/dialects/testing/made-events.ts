import { millis, samples, type LiveEvent, type UtteranceFate, type Word } from '../../../../core/index.ts';

/** Utterance `n` is heard in the seconds from 2n to 2n + 1. */
const startOf = (utterance: number) => samples(utterance * 32_000);
const endOf = (utterance: number) => samples(utterance * 32_000 + 16_000);

const wordsOf = (utterance: number, text: string): readonly Word[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, index) => ({
      text: word,
      start: millis(utterance * 2000 + index * 10),
      end: millis(utterance * 2000 + index * 10 + 9.5),
      probability: 0.91234,
      tokens: [index],
    }));

export const speechStart = (utterance: number): LiveEvent => ({
  type: 'speech-start',
  utterance,
  at: startOf(utterance),
});

export const speechEnd = (utterance: number): LiveEvent => ({
  type: 'speech-end',
  utterance,
  to: endOf(utterance),
  at: samples(endOf(utterance) + 8000),
});

/** @param settled words of `text` that never change. */
export function partial(utterance: number, revision: number, text: string, settled: number): LiveEvent {
  const stable = text.split(' ').slice(0, settled).join(' ');
  return {
    type: 'partial',
    utterance,
    revision,
    from: startOf(utterance),
    to: samples(startOf(utterance) + 8000),
    text,
    stable: Array.from(stable).length,
    settled,
    words: wordsOf(utterance, text),
  };
}

export const final = (utterance: number, text: string, fate: UtteranceFate = 'transcribed'): LiveEvent => ({
  type: 'final',
  utterance,
  from: startOf(utterance),
  to: endOf(utterance),
  fate,
  text,
  words: wordsOf(utterance, text),
  language: 'en',
  avgLogprob: -0.25,
  noSpeechProbability: 0.01,
  tokens: [],
});

export const finalized = (id: string, last: number): LiveEvent => ({
  type: 'finalized',
  id,
  bytes: 0,
  at: samples(0),
  last,
});

export const ended = (reason: Extract<LiveEvent, { type: 'ended' }>['reason'] = 'done'): LiveEvent => ({
  type: 'ended',
  reason,
  ledger: {
    received: samples(48_001),
    transcribed: samples(16_000),
    silence: samples(30_000),
    suppressed: { 'no-speech': samples(1) },
    dropped: { failed: samples(1000), cleared: samples(500), gap: samples(500) },
  },
  figures: { partials: 3, finals: 2, resumes: 1, changedWords: 1, words: 9 },
});
