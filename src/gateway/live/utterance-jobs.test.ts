import { expect, test } from 'vitest';
import type { OpenUtterance, Word } from '../../core/index.ts';
import { FINAL_REVISION, millis, samples } from '../../core/index.ts';
import { MADE_LIVE_REQUEST } from '../../core/testing/made-live-request.ts';
import { earlyJob, finalJob, partialJob, type UtteranceSound } from './utterance-jobs.ts';

const SECOND = 16_000;
const FROM = 40 * SECOND;

/** A word a second, from the utterance's start on. */
const words = Array.from({ length: 12 }, (_, i): Word => ({
  text: `word${i}`,
  start: millis(40_000 + i * 1000 + 100),
  end: millis(40_000 + i * 1000 + 900),
  probability: 0.9,
  tokens: [i],
}));
const text = words.map((word) => word.text).join(' ');
const shown: OpenUtterance = {
  utterance: 3,
  from: samples(FROM),
  revision: 9,
  heard: samples(FROM + 12 * SECOND),
  text,
  stable: text.indexOf(' word10'),
  settled: 10,
  words,
};
const sound: UtteranceSound = {
  session: 'live_1',
  tenant: 'default',
  utterance: 3,
  from: samples(FROM),
  to: samples(FROM + 13 * SECOND),
  spans: [{ start: samples(0), end: samples(13 * SECOND) }],
  request: MADE_LIVE_REQUEST,
  load: 'normal',
  said: '',
  shown,
};

test('a final hears the whole utterance', () => {
  for (const load of ['normal', 'partials-slow'] as const) {
    for (const { body } of [finalJob({ ...sound, load }, 0), earlyJob({ ...sound, load }, 10)]) {
      expect(body).toMatchObject({ from: FROM, to: sound.to, speech: sound.spans, quick: false });
      expect(body.options.prompt).toBeUndefined();
      expect(body.settled.kept).toBeUndefined();
    }
  }
});

test('the decoder is told what was said before, behind the client’s own prompt', () => {
  const behind = {
    ...sound,
    said: 'Yes. No.',
    request: { ...MADE_LIVE_REQUEST, options: { ...MADE_LIVE_REQUEST.options, prompt: 'Quiz.' } },
  };
  for (const { body } of [finalJob(behind, 0), earlyJob(behind, 10)])
    expect(body.options.prompt).toBe('Quiz. Yes. No.');
  expect(partialJob(behind, 10).body.options.prompt).toBe('Quiz. Yes. No. word0 word1 word2 word3 word4 word5');
  expect(partialJob({ ...behind, load: 'partials-slow' }, 10).body.options.prompt).toBe(
    'Quiz. word0 word1 word2 word3 word4 word5',
  );
});

test('a final of a server that has given up partials hears five seconds of what is settled, and what is open', () => {
  const busy = { ...sound, load: 'partials-none' } as const;
  for (const { body } of [finalJob(busy, 0), earlyJob(busy, 10)]) {
    // The last settled word ends at 9.9 s; the fifth begins at 4.1.
    expect(body).toMatchObject({ from: FROM + 4 * SECOND, to: sound.to, quick: true });
    expect(body.speech).toEqual([{ start: 0, end: 9 * SECOND }]);
    expect(body.options.prompt).toBe('word0 word1 word2 word3');
    expect(body.settled).toMatchObject({ kept: { words: 4, tokens: 4 }, tokens: [4, 5, 6, 7, 8, 9] });
  }
});

test('a busy server draws no bolder texts', () => {
  const { temperatures } = sound.request.options;
  expect(temperatures.length).toBeGreaterThan(1);
  expect(finalJob(sound, 0).body.options.temperatures).toEqual(temperatures);
  expect(finalJob({ ...sound, load: 'partials-slow' }, 0).body.options.temperatures).toEqual(temperatures.slice(0, 1));
});

test('a partial hears three seconds of what is settled, however busy the server is', () => {
  const { body, jobClass } = partialJob(sound, 10);
  expect(body).toMatchObject({ from: FROM + 6 * SECOND, settled: { kept: { words: 6 }, tokens: [6, 7, 8, 9] } });
  expect(jobClass).toBe('partial');
});

test('what is decoded greedily is told what was shown behind what it begins with', () => {
  expect(partialJob(sound, 10).body.guess).toEqual([10, 11]);
  expect(partialJob({ ...sound, shown: { ...shown, settled: 12 } }, 10).body.guess).toBeUndefined();
  expect(partialJob({ ...sound, shown: undefined }, 1).body.guess).toBeUndefined();
  expect(finalJob(sound, 0).body.guess).toBeUndefined();
  expect(finalJob({ ...sound, load: 'partials-none' }, 0).body.guess).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
});

test('the first partial is as urgent as a final, but for the engine of a busy server', () => {
  const { jobClass, slot, body } = partialJob({ ...sound, shown: undefined }, 1);
  expect(jobClass).toBe('final');
  expect(body.options.givesWay).toBe(false);
  expect(partialJob({ ...sound, shown: undefined, load: 'partials-slow' }, 1).body.options.givesWay).toBe(true);
  // Its class would close the slot of the others.
  expect(slot).not.toBe(partialJob(sound, 10).slot);
});

test('a final that is put again is the same job, and one that is put anew is another', () => {
  expect(finalJob(sound, 0)).toMatchObject({ id: 'live_1/3/final', revision: FINAL_REVISION });
  expect(finalJob(sound, 104).id).toBe('live_1/3/final/104');
  expect(finalJob(sound, 104).slot).not.toBe(finalJob(sound, 0).slot);
});

test('of what was said before a window the decoder knows the end, in whole words', () => {
  const long = words.map((word) => ({ ...word, text: word.text.repeat(10) }));
  const all = long.map((word) => word.text).join(' ');
  const { prompt = '' } = partialJob({ ...sound, shown: { ...shown, words: long, text: all, stable: all.length } }, 10)
    .body.options;
  expect(prompt).toBe([3, 4, 5].map((i) => `word${i}`.repeat(10)).join(' '));
});
