/** Live sessions, what is told in them and what is heard of them, made up. */
import type { CommittedOutcome, JobOutcome, LiveEvent, LiveRecord, Word } from '../../core/index.ts';
import {
  FINAL_REVISION,
  LIVE_VERSION,
  NEW_LIVE_VIEW,
  foldLive,
  millis,
  samples,
  utteranceSlot,
} from '../../core/index.ts';
import { MADE_LIVE_REQUEST } from '../../core/testing/made-live-request.ts';

export const EMPTY: LiveRecord = {
  v: LIVE_VERSION,
  request: MADE_LIVE_REQUEST,
  createdAt: millis(0),
  resumeHash: '',
  view: NEW_LIVE_VIEW,
  held: [],
  carry: { gap: samples(0), finalizing: [], cleared: [], aliveAt: millis(0) },
};

export function told(record: LiveRecord, ...events: readonly LiveEvent[]): LiveRecord {
  let { view } = record;
  for (const event of events) view = foldLive(view, [{ seq: view.seq + 1, at: millis(0), event }]);
  return { ...record, view };
}

export const starts = (utterance: number): LiveEvent => ({
  type: 'speech-start',
  utterance,
  at: samples(utterance * 10_000),
});
export const ends = (utterance: number): LiveEvent => ({
  type: 'speech-end',
  utterance,
  to: samples(utterance * 10_000 + 8000),
  at: samples(utterance * 10_000 + 9000),
});

let ids = 0;
export function outcomeOf(utterance: number, revision: number, outcome: JobOutcome): CommittedOutcome<JobOutcome> {
  const id = ++ids;
  const slot = utteranceSlot(utterance);
  return { id, jobId: String(id), session: 'live_1', slot, revision, attempt: 1, at: millis(0), outcome };
}

export function hearing(utterance: number, revision: number, text: string, retries: readonly 'loop'[] = []) {
  const words = text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, i): Word => ({ text: word, start: millis(i), end: millis(i + 1), probability: 0.9, tokens: [i] }));
  return outcomeOf(utterance, revision, {
    type: 'heard',
    kind: revision === FINAL_REVISION ? 'final' : 'partial',
    utterance,
    revision,
    from: samples(utterance * 10_000),
    to: samples(utterance * 10_000 + 8000),
    result: {
      text,
      language: 'en',
      languageProbability: 1,
      tokens: words.flatMap(({ tokens }) => tokens),
      spans: [],
      words,
      avgLogprob: -0.2,
      noSpeechProbability: 0,
      compressionRatio: 1,
      temperature: 0,
      retries,
    },
  });
}
export function early(utterance: number, revision: number, text: string, to?: number) {
  const { outcome, ...committed } = hearing(utterance, revision, text, ['loop']);
  if (outcome.type !== 'heard') throw new Error('not heard');
  return { ...committed, outcome: { ...outcome, kind: 'early' as const, to: samples(to ?? outcome.to) } };
}
export const finalOf = (utterance: number, text: string) => hearing(utterance, FINAL_REVISION, text);
