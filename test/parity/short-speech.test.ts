/** A word or two, which real weights tend to tell twice. */
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeTo16k } from '../../src/audio/index.ts';
import type { Engine, LiveJob, Word } from '../../src/core/index.ts';
import { DEFAULT_DECODE_OPTIONS, LIVE_VERSION, samples, toPcm16 } from '../../src/core/index.ts';
import { loadModel } from '../../src/engines/whisper/child/load-model.ts';
import { tempFolder } from '../../src/engines/whisper/testing/temp-folder.ts';
import { hear } from '../../src/worker/hear.ts';
import { oneOrMany } from '../../src/worker/one-or-many.ts';
import type { SegmentParts } from '../../src/worker/with-segment.ts';

const MODEL = fileURLToPath(new URL('../../models/ggml-tiny.en-q8_0.bin', import.meta.url));
const recording = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

let folder: Awaited<ReturnType<typeof tempFolder>> | undefined;
let engine: Engine;

beforeAll(async () => {
  folder = await tempFolder();
  const breathe = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  const request = {
    modelPath: MODEL,
    modelName: 'tiny.en',
    cacheFolder: folder.path,
    precision: 'int8',
    threads: 1,
  } as const;
  const { info, scheduler } = await loadModel(request, { now: () => 0, breathe });
  engine = {
    info,
    concurrency: 1,
    stats: () => {
      throw new Error('nobody asks');
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
    transcribe: (segment, options) => scheduler.transcribe(1, segment, options),
  };
});
afterAll(() => folder?.[Symbol.asyncDispose]());

async function partsOf(path: string): Promise<SegmentParts> {
  const audio = await decodeTo16k(createReadStream(path), { name: path, channels: 'mix' });
  const blocks: Float32Array[] = [];
  for await (const [block] of audio.blocks) if (block !== undefined) blocks.push(block);
  const sound = toPcm16(Float32Array.from(blocks.flatMap((block) => [...block])));
  return {
    audio: {
      range: ({ from, to }) => Promise.resolve(sound.slice(from, to)),
      end: () => Promise.resolve(samples(sound.length)),
    },
    engines: { use: () => Promise.resolve({ engine, release() {} }) },
    order: oneOrMany(),
  };
}

/** As a gateway cuts it. */
const BEFORE = { from: samples(0), to: samples(40_000) };
const ASK_NOT = { from: samples(47_936), to: samples(75_456) };

async function heard(parts: SegmentParts, place: typeof ASK_NOT, said?: string) {
  const job: LiveJob = {
    v: LIVE_VERSION,
    type: 'live',
    kind: 'final',
    session: 'live_1',
    utterance: 1,
    revision: 1,
    ...place,
    speech: [{ start: samples(0), end: samples(place.to - place.from) }],
    model: 'tiny.en',
    options: { ...DEFAULT_DECODE_OPTIONS, words: true, ...(said === undefined ? {} : { prompt: said }) },
    settled: { text: '', tokens: [] },
    quick: false,
  };
  const outcome = await hear(job, false, parts, new AbortController().signal);
  if (outcome.type !== 'heard') throw new Error('not heard');
  return outcome.result;
}

const lettersOf = (words: readonly Word[] = []): readonly string[] =>
  words.map(({ text }) => text.replaceAll(/\p{P}/gu, ''));

test('is told once by itself', async () => {
  const parts = await partsOf(recording('speech/common_voice_en_22058266.mp3'));
  const whole = { from: samples(0), to: await parts.audio.end('live_1', 0) };
  expect(lettersOf((await heard(parts, whole)).words)).toEqual(['Firefox']);
});

test('is told once when the decoder knows the sentence before', async () => {
  const parts = await partsOf(recording('audio/jfk.wav'));
  const { text, words } = await heard(parts, BEFORE);
  expect(lettersOf(words)).toEqual(['And', 'so', 'my', 'fellow', 'Americans']);
  expect(lettersOf((await heard(parts, ASK_NOT, text)).words)).toEqual(['Ask', 'not']);
});
