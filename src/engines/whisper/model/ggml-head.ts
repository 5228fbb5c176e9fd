/** The head of a whisper.cpp model file: magic, shape, mel filters, vocabulary. Nothing is believed before it is checked. */
import { ScriptoriumError } from '../../../core/index.ts';
import type { FileWindow } from './file-window.ts';
import { floatsFromF32 } from './float-codecs.ts';
import { checkShape, DFT_BINS } from './model-shape.ts';
import type { WhisperShape } from './whisper-model.ts';

/** "ggml" as whisper.cpp writes it (`GGML_FILE_MAGIC`). */
export const GGML_MAGIC = 0x67676d6c;
/** No published token is longer than 128 bytes. */
const MAX_TOKEN_BYTES = 1024;
/** ftype = version of the block layouts times this, plus the kind (`GGML_QNT_VERSION_FACTOR`). */
const VERSION_FACTOR = 1000;
/** Blocks of this version had another order of nibbles; current ones are version 2. */
const OLD_VERSION = 1;
const HEAD_INTS = 12;

export interface GgmlHead {
  readonly shape: WhisperShape;
  /** Shape [mels, 201]. */
  readonly melFilters: Float32Array;
  /** Byte strings by id. */
  readonly tokens: readonly Uint8Array[];
}

/**
 * Reads the head and leaves the window at the first tensor.
 * @throws ScriptoriumError `model-invalid` when it is no such file, or damaged.
 */
export async function readGgmlHead(window: FileWindow): Promise<GgmlHead> {
  await window.load(4 * HEAD_INTS);
  if (window.int32() !== GGML_MAGIC) fail('it does not start as a whisper.cpp model does');
  const vocabulary = window.int32();
  const audioContext = window.int32();
  const audioState = window.int32();
  const audioHeads = window.int32();
  const audioLayers = window.int32();
  const textContext = window.int32();
  const textState = window.int32();
  const textHeads = window.int32();
  const textLayers = window.int32();
  const mels = window.int32();
  const version = Math.trunc(window.int32() / VERSION_FACTOR);
  if (version === OLD_VERSION) fail('its quantised blocks are of an old layout; convert the model again');
  const shape = checkShape({
    vocabulary,
    audioContext,
    audioState,
    audioHeads,
    audioLayers,
    textContext,
    textState,
    textHeads,
    textLayers,
    mels,
  });
  return { shape, melFilters: await readFilters(window, mels), tokens: await readTokens(window, vocabulary) };
}

async function readFilters(window: FileWindow, mels: number): Promise<Float32Array> {
  await window.load(8);
  const rows = window.int32();
  const bins = window.int32();
  if (rows !== mels || bins !== DFT_BINS) {
    fail(`its mel filters are ${rows} by ${bins}, not ${mels} by ${DFT_BINS}`);
  }
  const count = rows * bins;
  await window.load(4 * count);
  const filters = new Float32Array(count);
  floatsFromF32(window.bytes(4 * count), filters);
  if (!filters.every(Number.isFinite)) fail('its mel filters hold values that are no numbers');
  return filters;
}

async function readTokens(window: FileWindow, vocabulary: number): Promise<Uint8Array[]> {
  await window.load(4);
  const count = window.int32();
  if (count < 0 || count > vocabulary) fail(`it lists ${count} of ${vocabulary} tokens`);
  const tokens: Uint8Array[] = [];
  while (tokens.length < count) {
    if (!window.has(4)) await window.load(4);
    const length = window.int32();
    if (length < 0 || length > MAX_TOKEN_BYTES) fail(`token ${tokens.length} claims ${length} bytes`);
    if (!window.has(length)) await window.load(length);
    tokens.push(window.bytes(length));
  }
  return tokens;
}

function fail(what: string): never {
  throw new ScriptoriumError('model-invalid', what);
}
