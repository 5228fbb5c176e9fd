import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CommittedOutcome, JobOutcome, LiveEvent, LiveRecord, Word } from '../../core/index.ts';
import {
  DEFAULT_DECODE_OPTIONS,
  FINAL_REVISION,
  LIVE_VERSION,
  NEW_LIVE_VIEW,
  foldLive,
  millis,
  samples,
  utteranceSlot,
} from '../../core/index.ts';
import { reduceLive } from './reduce-live.ts';

const EMPTY: LiveRecord = {
  v: LIVE_VERSION,
  request: {
    dialect: 'live',
    model: 'tiny.en',
    audio: { encoding: 'pcm_s16le', sampleRate: 16_000, channels: 1 },
    turns: { mode: 'vad', silence: millis(500), threshold: 0.5, prefix: millis(300), longest: millis(28_000) },
    options: DEFAULT_DECODE_OPTIONS,
    partials: true,
    metadata: {},
  },
  createdAt: millis(0),
  resumeHash: '',
  view: NEW_LIVE_VIEW,
  held: [],
  carry: { gap: samples(0), finalizing: [], cleared: [], aliveAt: millis(0) },
};

function told(record: LiveRecord, ...events: readonly LiveEvent[]): LiveRecord {
  let { view } = record;
  for (const event of events) view = foldLive(view, [{ seq: view.seq + 1, at: millis(0), event }]);
  return { ...record, view };
}

const starts = (utterance: number): LiveEvent => ({ type: 'speech-start', utterance, at: samples(utterance * 10_000) });
const ends = (utterance: number): LiveEvent => ({
  type: 'speech-end',
  utterance,
  to: samples(utterance * 10_000 + 8000),
  at: samples(utterance * 10_000 + 9000),
});

let ids = 0;
function outcomeOf(utterance: number, revision: number, outcome: JobOutcome): CommittedOutcome<JobOutcome> {
  const id = ++ids;
  const slot = utteranceSlot(utterance);
  return { id, jobId: String(id), session: 'live_1', slot, revision, attempt: 1, at: millis(0), outcome };
}

function hearing(utterance: number, revision: number, text: string, retries: readonly 'loop'[] = []) {
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
function early(utterance: number, revision: number, text: string, to?: number) {
  const { outcome, ...committed } = hearing(utterance, revision, text, ['loop']);
  if (outcome.type !== 'heard') throw new Error('not heard');
  return { ...committed, outcome: { ...outcome, kind: 'early' as const, to: samples(to ?? outcome.to) } };
}
const finalOf = (utterance: number, text: string) => hearing(utterance, FINAL_REVISION, text);

test('tells a partial, and what of it is settled', () => {
  const record = told(EMPTY, starts(0));
  const { events } = reduceLive(record, [hearing(0, 1, 'and so my'), hearing(0, 2, 'and so my fellow')]);
  expect(events).toMatchObject([
    { type: 'partial', revision: 1, text: 'and so my', stable: 0 },
    { type: 'partial', revision: 2, text: 'and so my fellow', stable: 9, settled: 3 },
  ]);
});

test('shows what was shown before when a partial went round in circles, failed, or contradicts what is settled', () => {
  const record = told(EMPTY, starts(0));
  const { events } = reduceLive(record, [
    hearing(0, 1, 'and so my'),
    hearing(0, 2, 'and so my fellow'),
    hearing(0, 3, 'and so and so and so', ['loop']),
    outcomeOf(0, 4, { type: 'failed', code: 'engine-failed', message: 'no' }),
    hearing(0, 5, 'but so my fellow'),
  ]);
  expect(events.slice(2)).toMatchObject(
    [3, 4, 5].map((revision) => ({ revision, text: 'and so my fellow', stable: 9 })),
  );
});

test('settles nothing once the end of speech is told', () => {
  const record = told(EMPTY, starts(0), ends(0));
  expect(reduceLive(record, [hearing(0, 3, 'and so my fellow')]).events).toEqual([]);
});

test('a final keeps what is settled though the engine hears otherwise, or fails for good', () => {
  const spoken = reduceLive(told(EMPTY, starts(0)), [hearing(0, 1, 'and so my'), hearing(0, 2, 'and so my fellow')]);
  const record = told(spoken.record, ends(0));
  expect(reduceLive(record, [finalOf(0, 'And soul')]).events.at(-1)).toMatchObject({
    type: 'final',
    text: 'and so my',
    words: [{ text: 'and' }, { text: 'so' }, { text: 'my' }],
  });
  const dead = outcomeOf(0, FINAL_REVISION, { type: 'dead', reason: 'lease-lost', attempts: 3 });
  expect(reduceLive(record, [dead]).events).toMatchObject([{ type: 'final', fate: 'failed', text: 'and so my' }]);
});

test('a final without words takes the utterance back', () => {
  const { events } = reduceLive(told(EMPTY, starts(0), ends(0)), [finalOf(0, '')]);
  expect(events).toMatchObject([{ type: 'final', fate: 'no-speech', text: '', words: [] }]);
});

test('finals are told in order, each once, however their outcomes come', () => {
  const count = 4;
  const record = told(EMPTY, ...Array.from({ length: count }, (_, i) => [starts(i), ends(i)]).flat());
  const outcomes = Array.from({ length: count }, (_, i) => finalOf(i, `text ${i}`));
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...outcomes, ...outcomes], { minLength: 2 * count }),
      fc.array(fc.nat(7)),
      (shuffled, cuts) => {
        let now = record;
        const events: LiveEvent[] = [];
        const at = [...new Set([0, ...cuts, shuffled.length])].toSorted((a, b) => a - b);
        at.slice(1).forEach((end, i) => {
          const step = reduceLive(now, shuffled.slice(at[i], end));
          // Stored and read again.
          now = structuredClone(step.record);
          events.push(...step.events);
        });
        const finals = events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
        expect(finals).toEqual(outcomes.map((_, i) => `text ${i}`));
        expect(now.held).toEqual([]);
      },
    ),
  );
});

test('a final waits until the end of its speech is told', () => {
  const waiting = reduceLive(told(EMPTY, starts(0)), [finalOf(0, 'yes')]);
  expect(waiting.events).toEqual([]);
  expect(reduceLive(told(waiting.record, starts(1), ends(0), ends(1)), [finalOf(1, 'no')]).events).toMatchObject([
    { type: 'language' },
    { text: 'yes' },
    { text: 'no' },
  ]);
});

test('what is heard in a pause is a partial, with all that a final tells', () => {
  const { events } = reduceLive(told(EMPTY, starts(0)), [hearing(0, 1, 'and so'), early(0, 2, 'and so my')]);
  expect(events).toMatchObject([
    { type: 'partial', text: 'and so' },
    { type: 'partial', text: 'and so my', to: 8000, whole: { language: 'en', avgLogprob: -0.2 } },
  ]);
  expect(events[0]).not.toHaveProperty('whole');
});

test('what is heard in a pause is the final when the pause has turned out to be the end, and nothing when it has not', () => {
  const record = told(EMPTY, starts(0), ends(0));
  expect(reduceLive(record, [early(0, 2, 'and so'), finalOf(0, 'and so')]).events).toMatchObject([
    { type: 'language' },
    { type: 'final', text: 'and so', to: 8000 },
  ]);
  expect(reduceLive(record, [early(0, 2, 'and so', 4000)]).events).toEqual([]);
});
