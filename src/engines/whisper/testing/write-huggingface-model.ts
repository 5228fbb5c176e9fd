import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { huggingfaceName } from '../model/huggingface-names.ts';
import type { AttentionHead, WhisperShape } from '../model/whisper-model.ts';
import { spellBytes } from '../tokenizer/byte-alphabet.ts';
import { LANGUAGES } from '../tokenizer/languages.ts';
import { specialTokensBySize } from '../tokenizer/special-tokens.ts';
import { halves } from './ggml-quantise.ts';
import { madeTensors, type MadeTensor } from './made-model.ts';
import { makeVocabulary } from './made-vocabulary.ts';

export interface WriteHuggingfaceOptions {
  readonly folder: string;
  readonly shape: WhisperShape;
  readonly dtype?: 'F32' | 'F16' | 'BF16';
  /** How many weight files; with more than one an index names them. */
  readonly shards?: number;
  readonly vocabulary?: 'tokenizer.json' | 'vocab.json';
  readonly alignmentHeads?: readonly AttentionHead[];
  /** Whether tensors are spelled with `model.` in front, as when saved with the output head. */
  readonly prefix?: boolean;
  readonly tensors?: Iterable<MadeTensor>;
}

/** Writes a Hugging Face folder with a made vocabulary. */
export async function writeHuggingfaceModel(options: WriteHuggingfaceOptions): Promise<void> {
  const { folder, shape, dtype = 'F32', shards = 1, prefix = true, tensors = madeTensors(shape) } = options;
  await mkdir(folder, { recursive: true });
  const json = (name: string, value: unknown): Promise<void> => writeFile(join(folder, name), JSON.stringify(value));
  await json('config.json', {
    model_type: 'whisper',
    architectures: ['WhisperForConditionalGeneration'],
    vocab_size: shape.vocabulary,
    max_source_positions: shape.audioContext,
    d_model: shape.audioState,
    encoder_attention_heads: shape.audioHeads,
    encoder_layers: shape.audioLayers,
    encoder_ffn_dim: 4 * shape.audioState,
    max_target_positions: shape.textContext,
    decoder_attention_heads: shape.textHeads,
    decoder_layers: shape.textLayers,
    decoder_ffn_dim: 4 * shape.textState,
    num_mel_bins: shape.mels,
    activation_function: 'gelu',
  });
  await json('generation_config.json', {
    is_multilingual: specialTokensBySize(shape.vocabulary).languages.size > 0,
    ...(options.alignmentHeads === undefined ? {} : { alignment_heads: options.alignmentHeads }),
  });
  await writeVocabulary(options, json);
  const named = Array.from(tensors, (tensor) => ({
    ...tensor,
    name: `${prefix ? 'model.' : ''}${huggingfaceName(tensor.name)}`,
  }));
  if (shards === 1) {
    await writeFile(join(folder, 'model.safetensors'), safetensors(named, dtype));
    return;
  }
  const places: Record<string, string> = {};
  for (let shard = 0; shard < shards; shard++) {
    const file = `model-${String(shard + 1).padStart(5, '0')}-of-${String(shards).padStart(5, '0')}.safetensors`;
    const part = named.filter((_, index) => index % shards === shard);
    for (const { name } of part) places[name] = file;
    await writeFile(join(folder, file), safetensors(part, dtype));
  }
  await json('model.safetensors.index.json', { metadata: {}, weight_map: places });
}

async function writeVocabulary(
  { folder, shape, vocabulary = 'tokenizer.json' }: WriteHuggingfaceOptions,
  json: (name: string, value: unknown) => Promise<void>,
): Promise<void> {
  const special = specialTokensBySize(shape.vocabulary);
  const { tokens, merges } = makeVocabulary(special.endOfText);
  const vocab = Object.fromEntries(tokens.map((token, id) => [spellBytes(token), id]));
  const pairs = merges.map(([left, right]) => `${spellBytes(left)} ${spellBytes(right)}`);
  const languages: readonly (readonly [string, number])[] =
    special.languages.size > 0
      ? [...special.languages]
      : LANGUAGES.slice(0, 99).map(({ code }, index) => [code, special.startOfTranscript + 1 + index]);
  const added = new Map<string, number>([
    ['<|endoftext|>', special.endOfText],
    ['<|startoftranscript|>', special.startOfTranscript],
    ...languages.map(([code, id]): [string, number] => [`<|${code}|>`, id]),
    ['<|translate|>', special.translate],
    ['<|transcribe|>', special.transcribe],
    ['<|startoflm|>', special.startOfLm],
    ['<|startofprev|>', special.startOfPrevious],
    ['<|nospeech|>', special.noSpeech],
    ['<|notimestamps|>', special.noTimestamps],
  ]);
  if (vocabulary === 'tokenizer.json') {
    const added_tokens = Array.from(added, ([content, id]) => ({ id, content, special: true }));
    await json('tokenizer.json', { version: '1.0', added_tokens, model: { type: 'BPE', vocab, merges: pairs } });
    return;
  }
  await json('vocab.json', vocab);
  await json('added_tokens.json', Object.fromEntries(added));
  await writeFile(join(folder, 'merges.txt'), `#version: 0.2\n${pairs.join('\n')}\n`);
}

/** The bytes of one weight file. */
export function safetensors(tensors: readonly MadeTensor[], dtype: 'F32' | 'F16' | 'BF16'): Uint8Array {
  const parts = tensors.map(({ data }) => floatBytes(data, dtype));
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let at = 0;
  tensors.forEach(({ name, dims }, index) => {
    const end = at + (parts[index]?.length ?? 0);
    header[name] = { dtype, shape: dims, data_offsets: [at, end] };
    at = end;
  });
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  let to = 8 + text.length;
  for (const part of parts) {
    file.set(part, to);
    to += part.length;
  }
  return file;
}

function floatBytes(data: Float32Array, dtype: 'F32' | 'F16' | 'BF16'): Uint8Array {
  if (dtype === 'F16') return halves(data);
  const bits = new Uint32Array(Float32Array.from(data).buffer);
  if (dtype === 'F32') return new Uint8Array(bits.buffer);
  return new Uint8Array(Uint16Array.from(bits, (value) => value >>> 16).buffer);
}
