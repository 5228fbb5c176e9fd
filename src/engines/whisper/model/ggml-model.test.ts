import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ScriptoriumError } from '../../../core/index.ts';
import type { MadeType } from '../testing/ggml-quantise.ts';
import { madeShape, madeTensors } from '../testing/made-model.ts';
import { untilTestEnds } from '../testing/until-test-ends.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { writeGgmlModel } from '../testing/write-ggml-model.ts';
import { openWhisperModel } from './open-model.ts';

const BUILT_IN = fileURLToPath(new URL('../../../../models/ggml-tiny.en-q8_0.bin', import.meta.url));
const SMALL = madeShape({ vocabulary: 'tiny', state: 32, heads: 2, audioContext: 6, textContext: 5 });

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeAll(async () => {
  folder = await tempFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

test('reads the built-in model', async () => {
  const model = await untilTestEnds(openWhisperModel(BUILT_IN));
  expect(model).toMatchObject({
    name: 'tiny.en-q8_0',
    digest: '651734bb9b8ab592ba1b5dd13a17b12e38b948507d856a19ea3e391ef0006337',
    multilingual: false,
    shape: { vocabulary: 51_864, audioState: 384, audioLayers: 4, textContext: 448, mels: 80 },
  });
  expect(model.tensorNames).toHaveLength(167);
  const embedding = await model.tensor('decoder.token_embedding.weight');
  expect(embedding.dims).toEqual([51_864, 384]);
  expect(embedding.data.every(Number.isFinite)).toBe(true);
  expect((await model.tensor('encoder.conv1.bias')).dims).toEqual([384]);
});

describe.each<[MadeType, number]>([
  ['f32', 0],
  ['f16', 0.0005],
  ['q8_0', 0.006],
  ['q5_0', 0.05],
  ['q5_1', 0.04],
  ['q4_0', 0.1],
  ['q4_1', 0.09],
])('a model in %s', (type, tolerance) => {
  test('gives back its tensors, shape and tokens', async () => {
    const path = join(folder.path, `${type}.bin`);
    await writeGgmlModel({ path, shape: SMALL, type });
    const model = await untilTestEnds(openWhisperModel(path, { name: 'made', alignmentHeads: [[0, 1]] }));
    expect(model).toMatchObject({ name: 'made', shape: SMALL, multilingual: false, alignmentHeads: [[0, 1]] });
    expect(model.tokenizer.decode(model.tokenizer.encode(' hello мир'))).toBe(' hello мир');
    for (const { name, dims, data } of madeTensors(SMALL)) {
      const read = await model.tensor(name);
      expect([name, ...read.dims]).toEqual([name, ...dims]);
      const energy = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
      const error = Math.sqrt(data.reduce((sum, value, index) => sum + (value - (read.data[index] ?? NaN)) ** 2, 0));
      expect(error / energy).toBeLessThanOrEqual(tolerance);
    }
  });
});

test.each([
  ['multilingual', { vocabulary: 'multilingual' }, 99],
  ['large-v3 with 128 mels', { vocabulary: 'large-v3', mels: 128 }, 100],
  ['distilled: two decoder layers', { vocabulary: 'large-v3', mels: 128, audioLayers: 4, textLayers: 2 }, 100],
] as const)('reads other shapes: %s', async (_, options, languages) => {
  const shape = madeShape({ state: 32, heads: 1, audioContext: 6, textContext: 5, ...options });
  const path = join(folder.path, 'shape.bin');
  await writeGgmlModel({ path, shape });
  const model = await untilTestEnds(openWhisperModel(path));
  expect(model.shape).toEqual(shape);
  expect(model.multilingual).toBe(true);
  expect(model.tokenizer.special.languages.size).toBe(languages);
  expect(model.melFilters).toHaveLength(shape.mels * 201);
});

test('takes all heads of the upper half of the decoder when nobody has measured them', async () => {
  const path = join(folder.path, 'heads.bin');
  await writeGgmlModel({ path, shape: { ...SMALL, textLayers: 3 } });
  const model = await untilTestEnds(openWhisperModel(path));
  expect(model.alignmentHeads).toEqual([
    [1, 0],
    [1, 1],
    [2, 0],
    [2, 1],
  ]);
  await expect(openWhisperModel(path, { alignmentHeads: [[3, 0]] })).rejects.toThrow(
    'no alignment head 0 in decoder layer 3',
  );
});

describe('a bad file', () => {
  let good: Uint8Array;
  beforeAll(async () => {
    const path = join(folder.path, 'good.bin');
    await writeGgmlModel({ path, shape: SMALL, type: 'q8_0' });
    good = new Uint8Array(await readFile(path));
  });

  const opened = async (bytes: Uint8Array | string): Promise<unknown> => {
    const path = join(folder.path, 'bad.bin');
    await writeFile(path, bytes);
    const model = await untilTestEnds(openWhisperModel(path));
    for (const name of model.tensorNames) await model.tensor(name);
    return model.shape;
  };
  const outcome = (bytes: Uint8Array): Promise<string> =>
    opened(bytes).then(
      () => 'opened',
      (error: unknown) => (error instanceof ScriptoriumError ? `ScriptoriumError ${error.code}` : String(error)),
    );
  const patched = (at: number, value: number): Uint8Array => {
    const bytes = good.slice();
    new DataView(bytes.buffer).setInt32(at, value, true);
    return bytes;
  };

  test.each([
    ['nothing', '', 'it is empty'],
    ['text', 'hello there, this is text', 'neither a whisper.cpp model nor'],
    ['a web page', '<!DOCTYPE html><html></html>', 'it is a web page'],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid', 'Git LFS pointer'],
    ['a GGUF file', 'GGUF\u0003\u0000\u0000\u0000....', 'GGUF files are not supported'],
    ['a PyTorch file', 'PK\u0003\u0004..............', 'PyTorch files are not supported'],
  ])('of %s is called what it is', async (_, content, message) => {
    await expect(opened(content)).rejects.toMatchObject({ code: 'model-invalid' });
    await expect(opened(content)).rejects.toThrow(message);
  });

  test.each([
    ['vocabulary', 4, 0x7fffffff, 'vocabulary is 2147483647'],
    ['negative state', 12, -384, 'audioState is -384'],
    ['heads that do not divide', 16, 3, 'do not divide into heads'],
    ['layers', 20, 1000, 'audioLayers is 1000'],
    ['more layers than tensors', 20, 2, 'encoder.blocks.1.attn.query.weight is missing'],
    ['mel filters of another height', 48, 81, 'mel filters are 81 by 201'],
    ['mel filters of another width', 52, 1 << 30, 'mel filters are 80 by 1073741824'],
    ['more tokens than there are', 56 + 4 * 80 * 201, 1 << 30, 'lists 1073741824 of 2608 tokens'],
    ['a token without end', 60 + 4 * 80 * 201, 1 << 30, 'token 0 claims 1073741824 bytes'],
    ['the old block layout', 44, 1008, 'old layout'],
  ])('that claims %s is refused, nothing allocated for it', async (_, at, value, message) => {
    const before = process.memoryUsage().arrayBuffers;
    await expect(opened(patched(at, value))).rejects.toThrow(message);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * good.length);
  });

  test('of two encoder widths, a doubled or a foreign tensor is refused', async () => {
    await expect(opened(patched(28, 64))).rejects.toThrow('differ in width: 32 and 64');
    const text = Buffer.from(good).toString('latin1');
    const renamed = (from: string, to: string): Uint8Array =>
      new Uint8Array(Buffer.from(text.replace(from, to), 'latin1'));
    await expect(opened(renamed('decoder.ln.bias', 'decoder.zz.bias'))).rejects.toThrow('no Whisper has');
    await expect(opened(renamed('encoder.conv1.bias', 'encoder.conv2.bias'))).rejects.toThrow(
      'encoder.conv2.bias is there twice',
    );
  });

  test('cut off anywhere is refused, or was cut at nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: good.length - 1 }), async (length) => {
        const path = join(folder.path, 'cut.bin');
        await writeFile(path, good);
        await truncate(path, length);
        await expect(openWhisperModel(path)).rejects.toMatchObject({ name: 'ScriptoriumError', code: 'model-invalid' });
      }),
      { numRuns: 60 },
    );
  });

  test('damaged anywhere opens as a model or is refused, and nothing else happens', async () => {
    const place = fc.oneof(
      fc.nat(good.length - 1),
      fc.nat(64),
      fc.integer({ min: 60 + 4 * 80 * 201 - 8, max: 60 + 4 * 80 * 201 + 40 }),
      fc.integer({ min: good.length - 600, max: good.length - 1 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = good.slice();
        for (const [at, value] of changes) bytes[at] = value;
        expect(await outcome(bytes)).toMatch(/^(opened|ScriptoriumError model-invalid)$/);
      }),
      { numRuns: 150 },
    );
  });

  test('of random bytes behind the magic is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (noise) => {
        await expect(opened(Uint8Array.of(0x6c, 0x6d, 0x67, 0x67, ...noise))).rejects.toMatchObject({
          code: 'model-invalid',
        });
      }),
      { numRuns: 60 },
    );
  });
});

test('a path to nothing is a missing model, and so is one below a file', async () => {
  await expect(openWhisperModel(join(folder.path, 'nothing.bin'))).rejects.toMatchObject({ code: 'model-missing' });
  await expect(openWhisperModel(join(BUILT_IN, 'below'))).rejects.toMatchObject({ code: 'model-missing' });
});

test('a file that shrinks after it was opened is an error when its tensors are read', async () => {
  const path = join(folder.path, 'shrinks.bin');
  await writeGgmlModel({ path, shape: SMALL });
  const model = await untilTestEnds(openWhisperModel(path));
  await truncate(path, 1000);
  await expect(model.tensor('decoder.ln.bias')).rejects.toMatchObject({ code: 'model-invalid' });
});
