import { specialTokensBySize } from '../tokenizer/special-tokens.ts';
import type { WhisperShape } from '../model/whisper-model.ts';
import { madeShape, madeTensors, type MadeShapeOptions, type MadeTensor } from './made-model.ts';
import { seededGauss } from './random.ts';
import { writeGgmlModel } from './write-ggml-model.ts';
import { writeHuggingfaceModel } from './write-huggingface-model.ts';
import type { MadeType } from './ggml-quantise.ts';

/** Times the unit embedding that a position adds: what the position says drowns what the token says. */
const POSITION_GAIN = 40;
/** What is left of the decoder's residual branches, so that neither audio nor past tokens change the outcome. */
const BRANCH_SCALE = 0.05;
/** The score of the scripted token; those of the others are spread around 0, at most half of it. */
const TARGET_SCORE = 40;

interface Script {
  /** Tokens to emit after the prompt, whatever is heard; the end token follows for ever. */
  readonly script: readonly number[];
  /** How many tokens are given before the first that is asked for: 1 for `<|startoftranscript|>` alone. */
  readonly promptLength: number;
  /** Tokens that are most probable at positions inside the prompt, as a language after `<|startoftranscript|>` at 0. */
  readonly within?: ReadonlyMap<number, number>;
}

export interface WriteScriptedOptions extends Script {
  readonly path: string;
  readonly multilingual: boolean;
  /** By default a whisper.cpp file; else `path` is a folder in f16 and two weight files. */
  readonly format?: 'ggml' | 'huggingface';
  /** Of a whisper.cpp file; f16 by default. */
  readonly type?: MadeType;
  /** Anything else about the shape; the vocabulary follows `multilingual` unless it is given. */
  readonly shape?: MadeShapeOptions;
}

/** Writes a model that emits a script: see `scriptedTensors`. @returns its shape. */
export async function writeScriptedModel(options: WriteScriptedOptions): Promise<WhisperShape> {
  const shape = madeShape({ vocabulary: options.multilingual ? 'multilingual' : 'english', ...options.shape });
  const { path, type = 'f16' } = options;
  const tensors = scriptedTensors(shape, options);
  if (options.format === 'huggingface')
    await writeHuggingfaceModel({ folder: path, shape, dtype: 'F16', shards: 2, tensors });
  else await writeGgmlModel({ path, shape, type, tensors });
  return shape;
}

/**
 * The tensors of a model whose decoder says what its positional embedding holds: token embeddings are random unit
 * vectors, position p adds 40 times the embedding of the token to emit after it, the residual branches are small, and
 * the last layer norm scales so that the scripted token has a probability near 1.
 */
function* scriptedTensors(shape: WhisperShape, script: Script): Generator<MadeTensor> {
  const state = shape.textState;
  const embedding = unitVectors(shape.vocabulary, state);
  for (const tensor of madeTensors(shape)) {
    const { name, data } = tensor;
    if (name === 'decoder.token_embedding.weight') {
      data.set(embedding);
    } else if (name === 'decoder.positional_embedding') {
      fillPositions(data, embedding, shape, script);
    } else if (/^decoder\.blocks\..*(attn\.out|mlp\.2)\./.test(name)) {
      data.forEach((value, index) => (data[index] = value * BRANCH_SCALE));
    } else if (name === 'decoder.ln.weight') {
      data.fill(TARGET_SCORE / Math.sqrt(state));
    } else if (name === 'decoder.ln.bias') {
      data.fill(0);
    }
    yield tensor;
  }
}

/** Random directions with no mean, which a layer norm would take away. */
function unitVectors(count: number, state: number): Float32Array {
  const gauss = seededGauss(7);
  const vectors = new Float32Array(count * state);
  for (let from = 0; from < vectors.length; from += state) {
    let [sum, squares] = [0, 0];
    for (let index = from; index < from + state; index++) {
      const value = gauss();
      vectors[index] = value;
      sum += value;
      squares += value * value;
    }
    const mean = sum / state;
    const norm = Math.sqrt(squares - sum * mean);
    for (let index = from; index < from + state; index++) vectors[index] = ((vectors[index] ?? 0) - mean) / norm;
  }
  return vectors;
}

function fillPositions(positions: Float32Array, embedding: Float32Array, shape: WhisperShape, script: Script): void {
  const state = shape.textState;
  const { endOfText } = specialTokensBySize(shape.vocabulary);
  for (let position = 0; position < shape.textContext; position++) {
    const token =
      script.within?.get(position) ?? script.script[Math.max(0, position + 1 - script.promptLength)] ?? endOfText;
    const vector = embedding.subarray(token * state, (token + 1) * state);
    positions.set(
      vector.map((value) => POSITION_GAIN * value),
      position * state,
    );
  }
}
