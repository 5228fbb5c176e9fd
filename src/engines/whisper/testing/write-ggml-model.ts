import { open } from 'node:fs/promises';
import { melFilterBank } from '../model/mel-filters.ts';
import { DFT_BINS } from '../model/model-shape.ts';
import type { WhisperShape } from '../model/whisper-model.ts';
import { specialTokensBySize } from '../tokenizer/special-tokens.ts';
import { quantise, TYPE_NUMBERS, type MadeType } from './ggml-quantise.ts';
import { madeTensors, type MadeTensor } from './made-model.ts';
import { makeVocabulary } from './made-vocabulary.ts';

export interface WriteGgmlOptions {
  readonly path: string;
  readonly shape: WhisperShape;
  /** What linear weights and the embedding are stored as; the rest is f32, convolutions f16 unless this is f32. */
  readonly type?: MadeType;
  readonly tensors?: Iterable<MadeTensor>;
}

/** Writes a whisper.cpp model file with a made vocabulary. */
export async function writeGgmlModel(options: WriteGgmlOptions): Promise<void> {
  const { shape, type = 'f16', tensors = madeTensors(shape) } = options;
  const handle = await open(options.path, 'w');
  try {
    await handle.writeFile(ggmlHead(shape, type));
    for (const tensor of tensors) await handle.writeFile(ggmlTensor(tensor, type));
  } finally {
    await handle.close();
  }
}

/** Magic, shape, mel filters, vocabulary. */
function ggmlHead(shape: WhisperShape, type: MadeType): Uint8Array {
  const filters = melFilterBank(shape.mels);
  const { tokens } = makeVocabulary(specialTokensBySize(shape.vocabulary).endOfText);
  return join([
    ints([
      0x67676d6c,
      shape.vocabulary,
      shape.audioContext,
      shape.audioState,
      shape.audioHeads,
      shape.audioLayers,
      shape.textContext,
      shape.textState,
      shape.textHeads,
      shape.textLayers,
      shape.mels,
      TYPE_NUMBERS[type].file,
      shape.mels,
      DFT_BINS,
    ]),
    new Uint8Array(filters.buffer),
    listTokens(tokens),
  ]);
}

/** Their count, then each with its length in front. */
function listTokens(tokens: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(tokens.reduce((sum, token) => sum + 4 + token.length, 4));
  const view = new DataView(bytes.buffer);
  view.setInt32(0, tokens.length, true);
  let at = 4;
  for (const token of tokens) {
    view.setInt32(at, token.length, true);
    bytes.set(token, at + 4);
    at += 4 + token.length;
  }
  return bytes;
}

/** One tensor with its header, as whisper.cpp lays it out: dimensions innermost first, biases of convolutions in two. */
function ggmlTensor({ name, dims, data }: MadeTensor, type: MadeType): Uint8Array {
  const matrix = dims.length === 2 && !name.endsWith('positional_embedding');
  const convolution = dims.length === 3;
  const stored = matrix ? type : convolution && type !== 'f32' ? 'f16' : 'f32';
  const written = /conv\d\.bias$/.test(name) ? [1, ...dims] : [...dims].reverse();
  const label = new TextEncoder().encode(name);
  return join([
    ints([written.length, label.length, TYPE_NUMBERS[stored].tensor, ...written]),
    label,
    quantise(data, stored),
  ]);
}

function ints(values: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
