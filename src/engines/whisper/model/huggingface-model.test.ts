import { copyFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ScriptoriumError } from '../../../core/index.ts';
import { madeShape, madeTensors } from '../testing/made-model.ts';
import { untilTestEnds } from '../testing/until-test-ends.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { safetensors, writeHuggingfaceModel } from '../testing/write-huggingface-model.ts';
import { writeGgmlModel } from '../testing/write-ggml-model.ts';
import { huggingfaceName } from './huggingface-names.ts';
import { expectedTensors } from './model-shape.ts';
import { openWhisperModel } from './open-model.ts';
import { openSafetensors } from './safetensors.ts';

const SMALL = madeShape({ vocabulary: 'tiny', state: 32, heads: 2, audioContext: 6, textContext: 5 });
const WEIGHTS = 'model.safetensors';

let temp: Awaited<ReturnType<typeof tempFolder>>;
let folder: string;
beforeEach(async () => {
  temp = await tempFolder();
  folder = temp.path;
});
afterEach(() => temp[Symbol.asyncDispose]());

/** Names of tensors that the folder does not give back as `madeTensors` made them. */
async function changedTensors(tolerance: number): Promise<readonly string[]> {
  const model = await untilTestEnds(openWhisperModel(folder));
  const changed: string[] = [];
  for (const { name, dims, data } of madeTensors(model.shape)) {
    const read = await model.tensor(name);
    const near = data.every(
      (value, index) => Math.abs(value - (read.data[index] ?? NaN)) <= tolerance * (1e-3 + Math.abs(value)),
    );
    if (!near || read.dims.join() !== dims.join()) changed.push(name);
  }
  return changed;
}

test.each([
  ['F32', 0],
  ['F16', 0.001],
  ['BF16', 0.01],
] as const)('reads a folder in %s', async (dtype, tolerance) => {
  await writeHuggingfaceModel({ folder, shape: SMALL, dtype });
  expect(await changedTensors(tolerance)).toEqual([]);
});

test('reads weights in several files, and weights saved without the output head', async () => {
  await writeHuggingfaceModel({ folder, shape: SMALL, shards: 3, prefix: false });
  expect(await changedTensors(0)).toEqual([]);
});

test('takes the output projection for the token embedding when only that was saved', async () => {
  const tensors = Array.from(madeTensors(SMALL), (tensor) => ({
    ...tensor,
    name: tensor.name === 'decoder.token_embedding.weight' ? 'proj_out.weight' : huggingfaceName(tensor.name),
  }));
  await writeHuggingfaceModel({ folder, shape: SMALL });
  await writeFile(join(folder, WEIGHTS), safetensors(tensors, 'F32'));
  expect(await changedTensors(0)).toEqual([]);
});

test('spells the names of tensors as Hugging Face does', () => {
  expect(
    [
      'encoder.conv1.weight',
      'encoder.positional_embedding',
      'encoder.blocks.3.attn.key.weight',
      'encoder.blocks.0.attn_ln.bias',
      'encoder.ln_post.weight',
      'decoder.token_embedding.weight',
      'decoder.blocks.11.cross_attn.out.bias',
      'decoder.blocks.1.cross_attn_ln.weight',
      'decoder.blocks.1.mlp.2.weight',
      'decoder.blocks.1.mlp_ln.bias',
      'decoder.ln.bias',
    ].map(huggingfaceName),
  ).toEqual([
    'encoder.conv1.weight',
    'encoder.embed_positions.weight',
    'encoder.layers.3.self_attn.k_proj.weight',
    'encoder.layers.0.self_attn_layer_norm.bias',
    'encoder.layer_norm.weight',
    'decoder.embed_tokens.weight',
    'decoder.layers.11.encoder_attn.out_proj.bias',
    'decoder.layers.1.encoder_attn_layer_norm.weight',
    'decoder.layers.1.fc2.weight',
    'decoder.layers.1.final_layer_norm.bias',
    'decoder.layer_norm.bias',
  ]);
});

test.each(['tokenizer.json', 'vocab.json'] as const)(
  'reads the vocabulary from %s as a ggml file has it',
  async (vocabulary) => {
    const shape = madeShape({ vocabulary: 'large-v3', state: 8, heads: 1, mels: 128, audioContext: 2, textContext: 2 });
    await writeHuggingfaceModel({ folder, shape, vocabulary, alignmentHeads: [[0, 0]] });
    const file = join(folder, 'ggml-same.bin');
    await writeGgmlModel({ path: file, shape, type: 'f32' });
    const model = await untilTestEnds(openWhisperModel(join(folder, WEIGHTS), { name: 'made' }));
    const same = await untilTestEnds(openWhisperModel(file));
    expect([model.name, same.name, model.alignmentHeads]).toEqual(['made', 'same', [[0, 0]]]);
    expect(model.tokenizer.special).toEqual(same.tokenizer.special);
    expect(model.melFilters).toEqual(same.melFilters);
    expect(model.tokenizer.nonSpeechTokens()).toEqual(same.tokenizer.nonSpeechTokens());
    for (const text of [' hello world', ' 你好 мир', 'fellow citizens (two)']) {
      expect(model.tokenizer.encode(text)).toEqual(same.tokenizer.encode(text));
      expect(model.tokenizer.decode(model.tokenizer.encode(text))).toBe(text);
    }
  },
);

test('passes over alignment heads of a teacher with more layers', async () => {
  await writeHuggingfaceModel({
    folder,
    shape: SMALL,
    alignmentHeads: [
      [0, 1],
      [11, 4],
    ],
  });
  const model = await untilTestEnds(openWhisperModel(folder));
  expect(model.alignmentHeads).toEqual([
    [0, 0],
    [0, 1],
  ]);
});

test('has a digest that follows the weights, and the name of its folder', async () => {
  await writeHuggingfaceModel({ folder, shape: SMALL });
  const digest = async (): Promise<string> => {
    const model = await untilTestEnds(openWhisperModel(`${folder}/`));
    expect(folder.endsWith(model.name)).toBe(true);
    return model.digest;
  };
  const [first, again] = [await digest(), await digest()];
  await writeHuggingfaceModel({ folder, shape: SMALL, tensors: madeTensors(SMALL, 2) });
  expect(again).toBe(first);
  expect(await digest()).not.toBe(first);
});

describe('a bad folder', () => {
  beforeEach(() => writeHuggingfaceModel({ folder, shape: SMALL }));

  const edit = async (name: string, change: (text: string) => string): Promise<void> => {
    const path = join(folder, name);
    await writeFile(path, change(await readFile(path, 'utf8')));
  };

  test.each<[string, () => Promise<unknown>, string]>([
    ['without config.json', () => rm(join(folder, 'config.json')), 'it has no config.json'],
    ['of another kind', () => edit('config.json', (text) => text.replace('"whisper"', '"bert"')), 'model_type'],
    [
      'with a huge shape',
      () => edit('config.json', (text) => text.replace('"d_model":32', '"d_model":3200000')),
      'feed-forward',
    ],
    [
      'with a vocabulary of another size',
      () => edit('config.json', (text) => text.replace('2608', '2600')),
      'special tokens do not fit',
    ],
    [
      'whose config.json is no JSON',
      () => writeFile(join(folder, 'config.json'), '<html>'),
      'config.json: it is no JSON',
    ],
    ['without a vocabulary', () => rm(join(folder, 'tokenizer.json')), 'neither tokenizer.json nor vocab.json'],
    [
      'with tokens that are no bytes',
      () => edit('tokenizer.json', (text) => text.replace('"ðŁĺĢ"', '"x"').replace('"a":', '"界":')),
      'not spelled in bytes',
    ],
    ['without weights', () => rm(join(folder, WEIGHTS)), 'model.safetensors: the file is missing'],
    [
      'with PyTorch weights in place',
      () => writeFile(join(folder, WEIGHTS), 'PK\u0003\u0004 and so on, for some bytes'),
      'no safetensors file',
    ],
    [
      'whose index leads out of it',
      () => writeFile(join(folder, `${WEIGHTS}.index.json`), '{"weight_map":{"a":"../a.safetensors"}}'),
      'files beside it',
    ],
    ['with weights cut off', () => truncate(join(folder, WEIGHTS), 100_000), 'cut off'],
    [
      'with one layer too few',
      () => edit('config.json', (text) => text.replace('"decoder_layers":1', '"decoder_layers":2')),
      'model.decoder.layers.1.self_attn.q_proj.weight is missing',
    ],
    [
      'with another width',
      () => edit('config.json', (text) => text.replace('"num_mel_bins":80', '"num_mel_bins":128')),
      'is 32 by 80 by 3, not 32 by 128 by 3',
    ],
  ])('%s is refused with what is wrong', async (_, spoil, message) => {
    await spoil();
    await expect(openWhisperModel(folder)).rejects.toThrow(message);
    await expect(openWhisperModel(folder)).rejects.toThrow(folder);
    await expect(openWhisperModel(folder)).rejects.toBeInstanceOf(ScriptoriumError);
  });

  test('that holds a ggml file under the name of its weights is refused', async () => {
    await writeGgmlModel({ path: join(folder, 'other.bin'), shape: SMALL });
    await copyFile(join(folder, 'other.bin'), join(folder, WEIGHTS));
    await expect(openWhisperModel(folder)).rejects.toMatchObject({ code: 'model-invalid' });
    await rename(join(folder, 'other.bin'), join(folder, 'config.json'));
    await expect(openWhisperModel(folder)).rejects.toMatchObject({ code: 'model-invalid' });
  });
});

describe('a safetensors header', () => {
  const opened = async (bytes: Uint8Array): Promise<string> => {
    const path = join(folder, 'fuzz.safetensors');
    await writeFile(path, bytes);
    try {
      const file = await untilTestEnds(openSafetensors(path));
      for (const name of file.dims.keys()) await file.tensor(name);
      return 'opened';
    } catch (error) {
      return error instanceof ScriptoriumError ? `ScriptoriumError ${error.code}` : String(error);
    }
  };
  const withHeader = (header: string, data = 0): Uint8Array => {
    const text = new TextEncoder().encode(header);
    const bytes = new Uint8Array(8 + text.length + data);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    return bytes;
  };
  const OUTCOME = /^(opened|ScriptoriumError model-invalid)$/;

  test.each([
    ['a length past the end', Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 123, 125)],
    ['offsets past the end', withHeader('{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}', 12)],
    ['offsets before the data', withHeader('{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}', 12)],
    [
      'a shape larger than its place',
      withHeader('{"a":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,8]}}', 8),
    ],
    ['a shape beyond numbers', withHeader('{"a":{"dtype":"F32","shape":[1e308,1e308],"data_offsets":[0,8]}}', 8)],
    ['no object', withHeader('[]')],
    ['nothing', new Uint8Array(0)],
  ])('with %s is refused', async (_, bytes) => {
    expect(await opened(bytes)).toBe('ScriptoriumError model-invalid');
  });

  test('passes over tensors of other kinds', async () => {
    expect(await opened(withHeader('{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', 8))).toBe('opened');
  });

  test('of any JSON opens or is refused', async () => {
    const entry = fc.record({
      dtype: fc.constantFrom('F32', 'F16', 'BF16', 'I8', 'x'),
      shape: fc.array(fc.oneof(fc.nat(8), fc.integer(), fc.double()), { maxLength: 4 }),
      data_offsets: fc.tuple(fc.oneof(fc.nat(64), fc.integer()), fc.oneof(fc.nat(64), fc.integer())),
    });
    const header = fc.oneof(
      fc.json(),
      fc.dictionary(fc.string(), entry).map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(header, fc.nat(80), async (text, data) => {
        expect(await opened(withHeader(text, data))).toMatch(OUTCOME);
      }),
      { numRuns: 150 },
    );
  });

  test('damaged or cut off anywhere opens or is refused', async () => {
    const tensors = [...expectedTensors(SMALL)].slice(0, 4).map(([name, dims]) => ({
      name,
      dims,
      data: new Float32Array(dims.reduce((product, size) => product * size, 1)),
    }));
    const good = safetensors(tensors, 'F16');
    const place = fc.oneof(fc.nat(400), fc.nat(good.length - 1));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(place, fc.nat(255)), { maxLength: 4 }),
        fc.oneof(fc.constant(good.length), place),
        async (changes, length) => {
          const bytes = good.slice(0, length);
          for (const [at, value] of changes) if (at < length) bytes[at] = value;
          expect(await opened(bytes)).toMatch(OUTCOME);
        },
      ),
      { numRuns: 200 },
    );
  });
});
