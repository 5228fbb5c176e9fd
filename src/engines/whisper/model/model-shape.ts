/** What a Whisper of a given shape is made of: ranges that are believable, and every tensor with its dimensions. */
import { ScriptoriumError } from '../../../core/index.ts';
import type { WhisperShape } from './whisper-model.ts';

/** Bins of the 400-point DFT that the mel filters weigh. */
export const DFT_BINS = 201;

/**
 * Lowest and highest believable value of each number. The largest published model has 51,866 tokens, 1,280 wide states,
 * 20 heads, 32 layers, 128 mels; the bounds leave room for four times that and keep products far from overflow.
 */
const RANGES: Readonly<Record<keyof WhisperShape, readonly [low: number, high: number]>> = {
  vocabulary: [1865, 262_144],
  audioContext: [1, 6000],
  audioState: [1, 8192],
  audioHeads: [1, 128],
  audioLayers: [1, 128],
  textContext: [1, 4096],
  textState: [1, 8192],
  textHeads: [1, 128],
  textLayers: [1, 128],
  mels: [1, 512],
};

/** @throws ScriptoriumError `model-invalid` that names the number out of range. */
export function checkShape(shape: WhisperShape): WhisperShape {
  const fail = (what: string): never => {
    throw new ScriptoriumError('model-invalid', what);
  };
  for (const [key, value] of Object.entries(shape)) {
    const [low, high] = Object.entries(RANGES).find(([name]) => name === key)?.[1] ?? [0, 0];
    if (!Number.isInteger(value) || value < low || value > high) {
      fail(`${key} is ${value}; believable is ${low} to ${high}`);
    }
  }
  if (shape.audioState % shape.audioHeads !== 0 || shape.textState % shape.textHeads !== 0) {
    fail(`states of ${shape.audioState} and ${shape.textState} do not divide into heads`);
  }
  if (shape.audioState !== shape.textState) {
    fail(`encoder and decoder differ in width: ${shape.audioState} and ${shape.textState}`);
  }
  return shape;
}

/** Every tensor of a model by OpenAI's name, dimensions outermost first. The output projection is the token embedding. */
export function expectedTensors(shape: WhisperShape): ReadonlyMap<string, readonly number[]> {
  const tensors = new Map<string, readonly number[]>();
  const state = shape.audioState;
  const linear = (name: string, out: number, from: number, bias = true): void => {
    tensors.set(`${name}.weight`, [out, from]);
    if (bias) tensors.set(`${name}.bias`, [out]);
  };
  const norm = (name: string): void => {
    tensors.set(`${name}.weight`, [state]);
    tensors.set(`${name}.bias`, [state]);
  };
  const attention = (name: string): void => {
    linear(`${name}.query`, state, state);
    linear(`${name}.key`, state, state, false);
    linear(`${name}.value`, state, state);
    linear(`${name}.out`, state, state);
    norm(`${name}_ln`);
  };
  const block = (name: string, crossed: boolean): void => {
    attention(`${name}.attn`);
    if (crossed) attention(`${name}.cross_attn`);
    linear(`${name}.mlp.0`, 4 * state, state);
    linear(`${name}.mlp.2`, state, 4 * state);
    norm(`${name}.mlp_ln`);
  };
  tensors.set('encoder.conv1.weight', [state, shape.mels, 3]);
  tensors.set('encoder.conv1.bias', [state]);
  tensors.set('encoder.conv2.weight', [state, state, 3]);
  tensors.set('encoder.conv2.bias', [state]);
  tensors.set('encoder.positional_embedding', [shape.audioContext, state]);
  for (let layer = 0; layer < shape.audioLayers; layer++) block(`encoder.blocks.${layer}`, false);
  norm('encoder.ln_post');
  tensors.set('decoder.token_embedding.weight', [shape.vocabulary, state]);
  tensors.set('decoder.positional_embedding', [shape.textContext, state]);
  for (let layer = 0; layer < shape.textLayers; layer++) block(`decoder.blocks.${layer}`, true);
  norm('decoder.ln');
  return tensors;
}
