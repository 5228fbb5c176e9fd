import { expect, test } from 'vitest';
import type { EarlierWords, EngineResult, Word } from '../core/index.ts';
import { DEFAULT_DECODE_OPTIONS, ScriptoriumError, millis, samples } from '../core/index.ts';
import { hearTogether } from './hear-together.ts';
import { askedEngine } from './testing/asked-engine.ts';
import type { SegmentParts, SegmentPlace } from './with-segment.ts';

const SECOND = 16_000;

/** Three seconds behind the first of the words before it. */
const place: SegmentPlace = {
  session: 'live_1',
  channel: 0,
  from: samples(8 * SECOND),
  to: samples(11 * SECOND),
  speech: [{ start: samples(0), end: samples(3 * SECOND) }],
  model: 'tiny.en',
};
const earlier: EarlierWords = {
  from: samples(5 * SECOND),
  words: [
    { text: 'And', tokens: [1] },
    { text: 'so', tokens: [2, 3] },
  ],
};

/** `Yes:9:3.5` is a word of token 9 that begins at 3.5 s and takes half a second; `Yes:9:3.5:0` takes no time. */
const word = (spelled: string): Word => {
  const [text = '', tokens = '', start = '', seconds = '0.5'] = spelled.split(':');
  const at = Number(start) * 1000;
  const end = millis(at + Number(seconds) * 1000);
  return { text, tokens: tokens.split('/').map(Number), start: millis(at), end, probability: 0.9 };
};

function resultOf(text: string, spelled: string, retries: EngineResult['retries'] = []): EngineResult {
  const words = spelled.split(' ').map(word);
  const tokens = words.flatMap((one) => one.tokens);
  return {
    text,
    words,
    tokens,
    spans: [{ text, start: millis(0), end: millis(6000), tokens }],
    language: 'en',
    languageProbability: 1,
    avgLogprob: -0.2,
    noSpeechProbability: 0.1,
    compressionRatio: 1,
    temperature: 0,
    retries,
  };
}

async function hear(heard: EngineResult, range?: SegmentParts['audio']['range']) {
  const { asked, parts } = askedEngine(heard, range);
  const { signal } = new AbortController();
  return { asked, result: await hearTogether(place, earlier, DEFAULT_DECODE_OPTIONS, false, parts, signal) };
}

test('forces what was said before, and tells what is the utterance’s with its own times', async () => {
  const { result, asked } = await hear(resultOf('And so my fellow', 'And:1:0.1 so:2/3:0.6 my:4:3.2 fellow:5/6:3.8'));
  expect(asked).toMatchObject([
    {
      segment: {
        start: earlier.from,
        speech: [
          { start: 0, end: 3 * SECOND },
          { start: 3 * SECOND, end: 6 * SECOND },
        ],
      },
      options: { prefix: [1, 2, 3], once: true, temperatures: [0] },
    },
  ]);
  expect(asked[0]?.segment.pcm).toHaveLength(6 * SECOND);
  expect(result).toMatchObject({ text: 'my fellow', tokens: [4, 5, 6], avgLogprob: -0.2 });
  expect(result?.words?.map(({ text, start, end }) => [text, start, end])).toEqual([
    ['my', 200, 700],
    ['fellow', 800, 1300],
  ]);
  expect(result?.spans).toEqual([{ text: 'my fellow', start: 200, end: 1300, tokens: [4, 5, 6] }]);
});

test('a mark that the decoder puts behind what was said before is not the utterance’s', async () => {
  const { result } = await hear(resultOf('And so, my', 'And:1:0.1 so,:2/3/7:0.6 my:4:3.2'));
  expect(result).toMatchObject({ text: 'my', tokens: [4] });
});

test.each([
  ['nothing is heard behind it', 'And so', 'And:1:0.1 so:2/3:0.6'],
  ['a word was heard in the pause', 'And so well my', 'And:1:0.1 so:2/3:0.6 well:8:2.5 my:4:3.2'],
  ['the last word grew', 'And some my', 'And:1:0.1 some:2/3/9:0.6 my:4:3.2'],
  ['a word is another', 'An so my', 'An:8:0.1 so:2/3:0.6 my:4:3.2'],
  ['the last words take no time', 'And so my my oh', 'And:1:0.1 so:2/3:0.6 my:4:3.2 my:4:3.7:0 oh:5:3.7:0'],
  ['words and text do not tell the same', 'And then so my', 'And:1:0.1 so:2/3:0.6 my:4:3.2'],
])('an utterance is to be heard by itself when %s', async (_why, text, spelled) => {
  expect((await hear(resultOf(text, spelled))).result).toBeUndefined();
});

test('a single last word may take no time', async () => {
  const { result } = await hear(resultOf('And so my fellow', 'And:1:0.1 so:2/3:0.6 my:4:3.2 fellow:5/6:3.7:0'));
  expect(result?.text).toBe('my fellow');
});

test('and when a guard fails: there is no second try of both', async () => {
  const { result, asked } = await hear(resultOf('And so my', 'And:1:0.1 so:2/3:0.6 my:4:3.2', ['loop']));
  expect(result).toBeUndefined();
  expect(asked).toHaveLength(1);
});

test('and when the sound before it is not kept any more', async () => {
  const gone = () => Promise.reject(new ScriptoriumError('audio-gone', 'as told'));
  const { result, asked } = await hear(resultOf('', 'And:1:0.1'), gone);
  expect(result).toBeUndefined();
  expect(asked).toEqual([]);
  const away = () => Promise.reject(new ScriptoriumError('broker-unreachable', 'as told'));
  await expect(hear(resultOf('', 'And:1:0.1'), away)).rejects.toThrow('as told');
});
