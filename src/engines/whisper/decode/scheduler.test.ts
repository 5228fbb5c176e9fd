import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DecodeOptions, EngineResult } from '../../../core/index.ts';
import { SAMPLE_RATE, samples } from '../../../core/index.ts';
import type { LoadedModel } from '../child/load-model.ts';
import { loadModel } from '../child/load-model.ts';
import { madeOptions } from '../testing/made-options.ts';
import { makeVocabulary } from '../testing/made-vocabulary.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { untilTestEnds } from '../testing/until-test-ends.ts';
import type { WriteScriptedOptions } from '../testing/write-scripted-model.ts';
import { writeScriptedModel } from '../testing/write-scripted-model.ts';
import { createTokenizer } from '../tokenizer/byte-level-tokenizer.ts';
import { specialTokensBySize } from '../tokenizer/special-tokens.ts';

const TINY = 2608;
const MULTILINGUAL = 51_865;

const tokenizer = createTokenizer({
  tokens: makeVocabulary(600).tokens,
  vocabulary: MULTILINGUAL,
  special: specialTokensBySize(MULTILINGUAL),
});
const ids = (text: string): number[] => tokenizer.encode(text);

type Script = Omit<WriteScriptedOptions, 'path'>;

/** A model that says what it is told, loaded. */
async function load(
  { shape, ...script }: Script,
  breathe = (): Promise<void> => Promise.resolve(),
): Promise<LoadedModel> {
  const folder = await untilTestEnds(tempFolder());
  const modelPath = join(folder.path, 'made.bin');
  const context = { audioContext: 64, textContext: 64 };
  await writeScriptedModel({ path: modelPath, ...script, shape: { ...context, ...shape } });
  const request = { modelPath, modelName: 'made', cacheFolder: folder.path, precision: 'f32', threads: 1 } as const;
  return loadModel(request, { now: () => 0, breathe });
}

const english = (script: readonly number[], promptLength: number): Script => ({
  multilingual: false,
  script,
  promptLength,
  shape: { vocabulary: 'tiny' },
});

async function transcribe(
  { scheduler }: LoadedModel,
  seconds: number,
  options: Partial<DecodeOptions>,
): Promise<EngineResult> {
  const pcm = Float32Array.from({ length: seconds * SAMPLE_RATE }, (_, i) => 0.1 * Math.sin(i * 0.1));
  const speech = [{ start: samples(0), end: samples(pcm.length) }];
  return scheduler.transcribe(1, { start: samples(0), pcm, speech }, madeOptions(options));
}

describe('an English-only model', () => {
  test.each([1, 5])('says its text with a beam of %i, and is sure of it', async (beamSize) => {
    const script = ids(' hello world');
    const result = await transcribe(await load(english(script, 2)), 1, { beamSize });
    expect(result).toMatchObject({ text: 'hello world', tokens: script, language: 'en', retries: [], temperature: 0 });
    expect(result.avgLogprob).toBeGreaterThan(-0.05);
    expect(result.spans).toEqual([{ text: 'hello world', start: 0, end: 1000, tokens: script }]);
  });

  test.each([1, 5])('goes on behind words that are given, with a beam of %i', async (beamSize) => {
    const script = ids(' hello world');
    const loaded = await load(english(script, 2));
    const prefix = script.slice(0, script.length - 1);
    const result = await transcribe(loaded, 1, { beamSize, prefix, words: true });
    expect(result).toMatchObject({ text: 'hello world', tokens: script, retries: [] });
    expect(result.words?.map(({ text }) => text)).toEqual(['hello', 'world']);
    // The prompt with what is given, one token, the end; the words' times come with them.
    expect(loaded.scheduler.counts().steps).toBeLessThan(script.length + 2);
  });

  test('lets what will be asked again wait for what will not', async () => {
    const loaded = await load(english(ids(' hello world'), 2));
    const ends: string[] = [];
    const say = (name: string, givesWay: boolean): Promise<void> =>
      transcribe(loaded, 1, { givesWay }).then(() => void ends.push(name));
    await Promise.all([say('partial', true), say('partial too', true), say('final', false)]);
    expect(ends).toEqual(['final', 'partial', 'partial too']);
  });

  test('says what is given though it hears otherwise', async () => {
    const prefix = ids(' other');
    const result = await transcribe(await load(english(ids(' hello world'), 2)), 1, { prefix });
    expect(result.text).toMatch(/^other/);
  });

  test('tells how far a segment is: more with each word, all but done at its last', async () => {
    const shares: number[] = [];
    const loaded = await load(english(ids(' hello world'), 2), () => {
      shares.push(...loaded.scheduler.progress().map(([id, share]) => id * share));
      return Promise.resolve();
    });
    await transcribe(loaded, 1, { words: true });
    expect(shares.length).toBeGreaterThan(2);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares[0]).toBeGreaterThan(0.4);
    expect(new Set(shares).size).toBeGreaterThan(2);
    expect(shares.at(-1)).toBeLessThan(1);
    expect(loaded.scheduler.progress()).toEqual([]);
  });

  test('reads on behind a prompt, however long', async () => {
    const prompt = 'and so my fellow citizens';
    const head = 1 + ids(` ${prompt}`).length;
    const loaded = await load(english(ids(' hello world'), head + 2));
    expect((await transcribe(loaded, 1, { prompt })).text).toBe('hello world');
  });

  test('never reads further than the model can, however long a guess is', async () => {
    // Of 64 tokens that the model can read 31 are left to what was before; the text may have 27.
    const prompt = 'and so my fellow citizens '.repeat(8);
    const script = Array.from({ length: 40 }, (_, i) => 300 + ((i * i) % 83));
    const loaded = await load(english(script, 32 + 2));
    const options = { prompt, beamSize: 1, temperatures: [0], once: true };
    const plain = await transcribe(loaded, 20, options);
    const { guessed, ...result } = await transcribe(loaded, 20, {
      ...options,
      guess: [...script, ...script, ...script],
    });
    expect(result).toEqual(plain);
    expect(plain.tokens).toEqual(script.slice(0, 27));
    expect(guessed).toBe(23);
  });

  test('gives each word a time inside the segment, in order', async () => {
    const { words = [], text } = await transcribe(await load(english(ids(' hello, my world'), 2)), 1, { words: true });
    expect(words.map((word) => word.text)).toEqual(['hello,', 'my', 'world']);
    expect(text).toBe('hello, my world');
    words.forEach(({ start, end, probability }, i) => {
      expect(start).toBeGreaterThanOrEqual(words[i - 1]?.end ?? 0);
      expect(end).toBeGreaterThanOrEqual(start);
      expect(end).toBeLessThanOrEqual(1000);
      expect(probability).toBeGreaterThan(0.9);
    });
  });

  test('is tried again when it goes round in circles, and then keeps one turn', async () => {
    const turn = ids(' ask not what you can');
    const script = Array.from({ length: 12 }, () => turn).flat();
    const result = await transcribe(await load(english(script.slice(0, 60), 2)), 1, {});
    expect(result.retries).toContain('loop');
    expect(result.text).toBe('ask not what you can');
  });

  test.each([{ language: 'de' }, { task: 'translate' }] as const)('refuses %j', async (options) => {
    const loaded = await load(english([], 2));
    expect(loaded.info).toMatchObject({ multilingual: false, languages: ['en'] });
    await expect(transcribe(loaded, 1, options)).rejects.toMatchObject({ code: 'language-unsupported' });
  });
});

describe('time stamps', () => {
  const begin = specialTokensBySize(TINY).timestampBegin;
  const stamp = (seconds: number): number => begin + seconds * 50;

  test('cut the text into spans', async () => {
    const [one, two] = [ids(' hello my fellow'), ids(' citizens')];
    const script = [stamp(0), ...one, stamp(1), stamp(1.2), ...two, stamp(2)];
    const result = await transcribe(await load(english(script, 1)), 2, { timestamps: true });
    expect(result.spans).toEqual([
      { text: 'hello my fellow', start: 0, end: 1000, tokens: one },
      { text: 'citizens', start: 1200, end: 2000, tokens: two },
    ]);
    expect(result.text).toBe('hello my fellow citizens');
  });

  test('that leave the end untold have it decoded again from the last of them', async () => {
    const [one, two] = [ids(' hello my fellow citizens'), ids(' ask')];
    const script = [stamp(0), ...one, stamp(1), stamp(1), ...two];
    const { spans } = await transcribe(await load(english(script, 1)), 3, { timestamps: true });
    expect(spans.map(({ text, start, end }) => [text, start, end])).toEqual([
      ['hello my fellow citizens', 0, 1000],
      ['hello my fellow citizens', 1000, 2000],
      ['hello my fellow citizens', 2000, 3000],
    ]);
  });
});

describe('a multilingual model', () => {
  const { special } = tokenizer;
  const french = special.languages.get('fr') ?? 0;

  test('is told language and task, and finds the language when asked to', async () => {
    // One model for all: the same four tokens of prompt, a French recording.
    const script = ids(' été');
    const loaded = await load({ multilingual: true, script, promptLength: 4, within: new Map([[0, french]]) });
    expect(loaded.info.multilingual).toBe(true);
    expect(loaded.info.languages.length).toBe(99);
    expect(await transcribe(loaded, 1, { language: 'de', task: 'translate' })).toMatchObject({
      text: 'été',
      language: 'de',
      languageProbability: 1,
    });
    const found = await transcribe(loaded, 1, { language: 'auto', beamSize: 2 });
    expect(found).toMatchObject({ text: 'été', language: 'fr' });
    expect(found.languageProbability).toBeGreaterThan(0.9);
    expect(found.languageProbability).toBeLessThanOrEqual(1);
    await expect(transcribe(loaded, 1, { language: 'yue' })).rejects.toMatchObject({ code: 'language-unsupported' });
  });

  test('of large-v3’s kind hears 128 mels and knows Cantonese', async () => {
    const loaded = await load({
      multilingual: true,
      script: ids('世界'),
      promptLength: 4,
      shape: { vocabulary: 'large-v3', mels: 128 },
    });
    expect(loaded.info).toMatchObject({ mels: 128, vocabulary: 51_866 });
    expect(await transcribe(loaded, 1, { language: 'yue' })).toMatchObject({ text: '世界', language: 'yue' });
  });
});

test('a model of distil’s kind hears with four layers and speaks with two', async () => {
  const loaded = await load({
    ...english(ids(' hello world'), 2),
    shape: { vocabulary: 'tiny', state: 128, audioLayers: 4, textLayers: 2 },
  });
  expect((await transcribe(loaded, 1, { beamSize: 3 })).text).toBe('hello world');
});
