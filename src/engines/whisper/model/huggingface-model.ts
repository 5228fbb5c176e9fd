/** Models as Hugging Face folders: configuration, vocabulary, weights in one or several safetensors files. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { ScriptoriumError } from '../../../core/index.ts';
import { createTokenizer } from '../tokenizer/byte-level-tokenizer.ts';
import { chooseAlignmentHeads } from './alignment-heads.ts';
import { addFile } from './file-digest.ts';
import type { ModelFacts } from './ggml-model.ts';
import { readHuggingfaceConfig } from './huggingface-config.ts';
import { huggingfaceNames } from './huggingface-names.ts';
import { readHuggingfaceVocabulary, VOCABULARY_FILES } from './huggingface-vocabulary.ts';
import { inFile } from './in-file.ts';
import { readJsonFile } from './json-file.ts';
import { melFilterBank } from './mel-filters.ts';
import { expectedTensors } from './model-shape.ts';
import { openSafetensors, type SafetensorsFile } from './safetensors.ts';
import type { Tensor, WhisperModel } from './whisper-model.ts';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
/** large-v3 in f32 comes in two. */
const MAX_SHARDS = 64;

const Index = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Opens a folder and checks that every tensor is there in the shape that `config.json` gives.
 * @throws ScriptoriumError `model-invalid` or `input-unreadable`, naming the file and what is wrong with it.
 */
export async function openHuggingfaceModel(folder: string, facts: ModelFacts): Promise<WhisperModel> {
  const config = await readHuggingfaceConfig(folder);
  const { shape } = config;
  const vocabulary = await readHuggingfaceVocabulary(folder, {
    vocabulary: shape.vocabulary,
    multilingual: config.multilingual,
  });
  const names = await weightFiles(folder);
  const files: SafetensorsFile[] = [];
  const close = async (): Promise<void> => {
    for (const file of files) await file[Symbol.asyncDispose]();
  };
  try {
    for (const name of names) files.push(await openSafetensors(join(folder, name)));
    return await inFile(folder, async () => {
      const readers = findTensors(files, expectedTensors(shape));
      return {
        name: facts.name,
        digest: await digestFolder(folder, names),
        shape,
        multilingual: vocabulary.special.languages.size > 0,
        tokenizer: createTokenizer(vocabulary),
        melFilters: melFilterBank(shape.mels),
        alignmentHeads: chooseAlignmentHeads(shape, facts.alignmentHeads ?? config.alignmentHeads),
        tensorNames: [...readers.keys()],
        tensor: async (name) => {
          const read = readers.get(name);
          if (read === undefined) throw new ScriptoriumError('model-invalid', `${folder}: it has no tensor ${name}`);
          return read();
        },
        [Symbol.asyncDispose]: close,
      };
    });
  } catch (error) {
    await close();
    throw error;
  }
}

/** The files that hold the weights, ascending. Their names come from a foreign file: none may lead out of the folder. */
async function weightFiles(folder: string): Promise<readonly string[]> {
  const index = await readJsonFile(folder, INDEX, Index);
  if (index === undefined) return [SINGLE];
  const names = [...new Set(Object.values(index.weight_map))].sort();
  if (
    names.length === 0 ||
    names.length > MAX_SHARDS ||
    names.some((name) => name !== basename(name) || name === '..')
  ) {
    throw new ScriptoriumError(
      'model-invalid',
      `${join(folder, INDEX)}: it does not name 1 to ${MAX_SHARDS} files beside it`,
    );
  }
  return names;
}

function findTensors(
  files: readonly SafetensorsFile[],
  expected: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, () => Promise<Tensor>> {
  const readers = new Map<string, () => Promise<Tensor>>();
  for (const [name, dims] of expected) {
    const spellings = huggingfaceNames(name);
    const found = spellings.flatMap((theirs) =>
      files.flatMap((file) => {
        const stored = file.dims.get(theirs);
        return stored === undefined ? [] : [{ file, theirs, stored }];
      }),
    )[0];
    if (found === undefined)
      throw new ScriptoriumError('model-invalid', `the tensor ${spellings[0] ?? name} is missing`);
    const { file, theirs, stored } = found;
    if (stored.join() !== dims.join()) {
      throw new ScriptoriumError(
        'model-invalid',
        `the tensor ${theirs} is ${stored.join(' by ')}, not ${dims.join(' by ')}`,
      );
    }
    readers.set(name, () => file.tensor(theirs));
  }
  return readers;
}

/** SHA-256 over the name, length and bytes of every file that the model is made of. */
async function digestFolder(folder: string, weights: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['config.json', ...VOCABULARY_FILES, ...weights]) {
    const handle = await open(join(folder, name), 'r').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (handle === undefined) continue;
    try {
      const { size } = await handle.stat();
      hash.update(`${name}\n${size}\n`);
      await addFile(hash, handle, size);
    } finally {
      await handle.close();
    }
  }
  return hash.digest('hex');
}
