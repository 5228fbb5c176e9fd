import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeTo16k } from '../../src/audio/index.ts';
import type { EngineResult, Segment } from '../../src/core/index.ts';
import { samples } from '../../src/core/index.ts';
import type { LoadedModel } from '../../src/engines/whisper/child/load-model.ts';
import { loadModel } from '../../src/engines/whisper/child/load-model.ts';
import { madeOptions } from '../../src/engines/whisper/testing/made-options.ts';
import { tempFolder } from '../../src/engines/whisper/testing/temp-folder.ts';

const MODEL = fileURLToPath(new URL('../../models/ggml-tiny.en-q8_0.bin', import.meta.url));
const CLIPS = ['LJ001-0007.flac', 'LJ002-0035.flac', 'LJ050-0131.flac', 'sense-0870.flac'];

let folder: Awaited<ReturnType<typeof tempFolder>> | undefined;
const models = new Map<string, LoadedModel>();
let segments: readonly Segment[] = [];
let next = 0;

beforeAll(async () => {
  folder = await tempFolder();
  const breathe = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  for (const precision of ['int8', 'f32'] as const) {
    const request = { modelPath: MODEL, modelName: 'tiny.en', cacheFolder: folder.path, precision, threads: 1 };
    models.set(precision, await loadModel(request, { now: () => 0, breathe }));
  }
  segments = await Promise.all(CLIPS.map(read));
});
afterAll(() => folder?.[Symbol.asyncDispose]());

async function read(file: string): Promise<Segment> {
  const path = fileURLToPath(new URL(`../fixtures/speech/${file}`, import.meta.url));
  const audio = await decodeTo16k(createReadStream(path), { name: file, channels: 'mix' });
  const blocks: Float32Array[] = [];
  for await (const [block] of audio.blocks) if (block !== undefined) blocks.push(block);
  const pcm = Float32Array.from(blocks.flatMap((block) => [...block]));
  return { start: samples(0), pcm, speech: [{ start: samples(0), end: samples(pcm.length) }] };
}

function transcribe(precision: string, segment: Segment, beamSize: number): Promise<EngineResult> {
  const model = models.get(precision);
  if (model === undefined) throw new Error('the model is not loaded');
  return model.scheduler.transcribe(next++, segment, madeOptions({ beamSize }));
}

const texts = (results: readonly EngineResult[]): readonly string[] => results.map(({ text }) => text);

test.each([
  ['int8', 1],
  ['int8', 5],
  ['f32', 3],
])(
  'segments have the same text alone, in one batch, and in another order, in %s with a beam of %i',
  async (precision, beam) => {
    const say = (segment: Segment): Promise<EngineResult> => transcribe(precision, segment, beam);
    const alone: EngineResult[] = [];
    for (const segment of segments) alone.push(await say(segment));
    expect(new Set(texts(alone)).size).toBe(CLIPS.length);
    const together = await Promise.all(segments.map(say));
    expect(texts(together)).toEqual(texts(alone));
    const backwards = await Promise.all(segments.toReversed().map(say));
    expect(texts(backwards)).toEqual(texts(alone).toReversed());
    together.forEach((result, i) => expect(result.avgLogprob).toBeCloseTo(alone[i]?.avgLogprob ?? NaN, 2));
  },
);

/** The first part of a segment. */
function part({ pcm, start }: Segment, share: number): Segment {
  const cut = pcm.slice(0, Math.round(pcm.length * share));
  return { start, pcm: cut, speech: [{ start: samples(0), end: samples(cut.length) }] };
}

test.each([1, 5])(
  'a full batch changes nothing of a result in int8, not a bit of its probabilities, with a beam of %i',
  async (beam) => {
    const many = [1, 0.8, 0.6, 0.4].flatMap((share) => segments.map((segment) => part(segment, share)));
    const say = (segment: Segment): Promise<EngineResult> => transcribe('int8', segment, beam);
    const alone: EngineResult[] = [];
    for (const segment of many) alone.push(await say(segment));
    expect(await Promise.all(many.map(say))).toEqual(alone);
    expect(await Promise.all(many.toReversed().map(say))).toEqual(alone.toReversed());
  },
);

test('a text decoded behind its own beginning is the same text', async () => {
  const f32 = models.get('f32');
  if (f32 === undefined) throw new Error('the model is not loaded');
  for (const segment of segments) {
    const { text, tokens } = await transcribe('f32', segment, 1);
    const before = f32.scheduler.counts().steps;
    const prefix = tokens.slice(0, Math.floor(tokens.length / 2));
    const behind = await f32.scheduler.transcribe(next++, segment, madeOptions({ beamSize: 1, prefix }));
    expect(behind).toMatchObject({ text, tokens });
    expect(f32.scheduler.counts().steps - before).toBeLessThan(tokens.length - prefix.length + 3);
  }
});

describe.each(['int8', 'f32'])('a guess, in %s', (precision) => {
  const OTHER = 262;
  test.each<readonly [string, (tokens: readonly number[]) => readonly number[]]>([
    ['is right', (tokens) => tokens],
    ['is too short', (tokens) => tokens.slice(0, 5)],
    ['goes on too long', (tokens) => [...tokens, OTHER, OTHER]],
    ['is wrong at once', (tokens) => [OTHER, ...tokens.slice(1)]],
    ['is wrong somewhere', (tokens) => tokens.with(7, OTHER)],
    ['lacks a word', (tokens) => tokens.toSpliced(4, 1)],
  ])('that %s changes nothing but the steps', async (_what, guessOf) => {
    const model = models.get(precision);
    if (model === undefined) throw new Error('the model is not loaded');
    const say = async (guess: readonly number[]): Promise<readonly [EngineResult, number]> => {
      const before = model.scheduler.counts().steps;
      const [segment] = segments;
      if (segment === undefined) throw new Error('there is no segment');
      const options = madeOptions({ beamSize: 1, words: true, guess });
      return [await model.scheduler.transcribe(next++, segment, options), model.scheduler.counts().steps - before];
    };
    const [plain, steps] = await say([]);
    const guess = guessOf(plain.tokens);
    const [{ guessed = 0, ...result }, fewer] = await say(guess);
    const right = plain.tokens.findIndex((token, i) => token !== guess[i]);
    const all = right < 0 ? plain.tokens.length : right;
    // The first comes of the prompt, and a step tries a dozen.
    expect(guessed).toBe(all - Math.ceil(all / 12));
    expect(steps - fewer).toBe(guessed);
    expect(result).toMatchObject({ text: plain.text, tokens: plain.tokens, retries: plain.retries });
    expect(result.words?.map(({ text, start, end }) => [text, start, end])).toEqual(
      plain.words?.map(({ text, start, end }) => [text, start, end]),
    );
    expect(result.avgLogprob).toBeCloseTo(plain.avgLogprob, 3);
  });
});

test('a guess is no matter to a search with a beam', async () => {
  for (const segment of segments) {
    const model = models.get('int8');
    const plain = await transcribe('int8', segment, 5);
    const guess = plain.tokens.slice(0, 4);
    const options = madeOptions({ beamSize: 5, guess });
    expect(await model?.scheduler.transcribe(next++, segment, options)).toEqual(plain);
  }
});
