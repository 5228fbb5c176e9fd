/** The vocabulary of a Hugging Face folder: `tokenizer.json`, or `vocab.json` with `merges.txt` and `added_tokens.json`. */
import { z } from 'zod';
import { ScriptoriumError } from '../../../core/index.ts';
import type { VocabularySource } from '../tokenizer/byte-level-tokenizer.ts';
import { spelledBytes } from '../tokenizer/byte-alphabet.ts';
import {
  MULTILINGUAL_VOCABULARY,
  specialTokensByName,
  specialTokensBySize,
  TIMESTAMP_COUNT,
} from '../tokenizer/special-tokens.ts';
import { readJsonFile, readTextFile } from './json-file.ts';

const Ids = z.record(z.string(), z.int().min(0));
const TokenizerFile = z.object({
  added_tokens: z.array(z.object({ id: z.int().min(0), content: z.string() })).default([]),
  model: z.object({
    type: z.literal('BPE').default('BPE'),
    vocab: Ids,
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
});

/** Names of the files that make the vocabulary, in the order in which they count. */
export const VOCABULARY_FILES = ['tokenizer.json', 'vocab.json', 'merges.txt', 'added_tokens.json'] as const;

interface Spelled {
  /** Tokens in GPT-2's alphabet. */
  readonly ids: ReadonlyMap<string, number>;
  /** What each merge makes, in order. */
  readonly merged: readonly string[];
  readonly added: ReadonlyMap<string, number>;
}

/** @throws ScriptoriumError `model-invalid` when the folder has no vocabulary or one that does not fit the model. */
export async function readHuggingfaceVocabulary(
  folder: string,
  options: { readonly vocabulary: number; readonly multilingual: boolean | undefined },
): Promise<VocabularySource> {
  const { vocabulary } = options;
  const { ids, merged, added } = (await readTokenizerFile(folder)) ?? (await readVocabularyFiles(folder));
  const special =
    specialTokensByName(new Map([...ids, ...added]), options.multilingual ?? vocabulary >= MULTILINGUAL_VOCABULARY) ??
    specialTokensBySize(vocabulary);
  const { languages, ...steering } = special;
  const highest = Math.max(
    ...Object.values(steering),
    ...languages.values(),
    special.timestampBegin + TIMESTAMP_COUNT - 1,
  );
  if (highest >= vocabulary || special.endOfText > special.startOfTranscript) {
    fail(folder, `the special tokens do not fit a vocabulary of ${vocabulary}`);
  }
  const tokens: Uint8Array[] = Array.from({ length: special.endOfText }, () => new Uint8Array(0));
  for (const [spelling, id] of ids) {
    if (id >= special.endOfText) continue;
    tokens[id] = spelledBytes(spelling) ?? fail(folder, `token ${id} is not spelled in bytes`);
  }
  const mergeRanks = new Map<number, number>();
  merged.forEach((spelling, rank) => {
    const id = ids.get(spelling);
    if (id !== undefined && !mergeRanks.has(id)) mergeRanks.set(id, rank);
  });
  return { tokens, vocabulary, special, mergeRanks };
}

async function readTokenizerFile(folder: string): Promise<Spelled | undefined> {
  const file = await readJsonFile(folder, 'tokenizer.json', TokenizerFile);
  return file === undefined
    ? undefined
    : {
        ids: new Map(Object.entries(file.model.vocab)),
        merged: file.model.merges.map((pair) => (typeof pair === 'string' ? pair.replace(' ', '') : pair.join(''))),
        added: new Map(file.added_tokens.map(({ id, content }) => [content, id])),
      };
}

async function readVocabularyFiles(folder: string): Promise<Spelled> {
  const ids = await readJsonFile(folder, 'vocab.json', Ids);
  const merges = await readTextFile(folder, 'merges.txt');
  if (ids === undefined || merges === undefined) {
    fail(folder, 'it has neither tokenizer.json nor vocab.json with merges.txt');
  }
  const added = await readJsonFile(folder, 'added_tokens.json', Ids);
  const lines = merges.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version'));
  return {
    ids: new Map(Object.entries(ids)),
    merged: lines.map((line) => line.replace(' ', '')),
    added: new Map(Object.entries(added ?? {})),
  };
}

function fail(folder: string, what: string): never {
  throw new ScriptoriumError('model-invalid', `${folder}: ${what}`);
}
