import type { WhisperShape } from '../model/whisper-model.ts';
import type { Precision } from './layers.ts';

/** One tensor of what the decoder keeps of every group: `[groups, ...before, length, ...after]`. */
export interface Track {
  /** The graphs' name for it. */
  readonly name: string;
  readonly type: 'float32' | 'int8';
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Its length is 1, however long the groups are. */
  readonly isFixed?: true;
}

const perLayer = (shape: WhisperShape, tracks: (layer: number) => readonly Track[]): readonly Track[] =>
  Array.from({ length: shape.textLayers }, (_, layer) => tracks(layer)).flat();

const widthOf = ({ textState, textHeads }: WhisperShape): number => textState / textHeads;

/** Keys and values of the tokens so far: what a step returns is put in by cells. Track 2 i holds the keys of layer i. */
export function pastTracks(shape: WhisperShape): readonly Track[] {
  const dims = { type: 'float32', before: [shape.textHeads, 1], after: [widthOf(shape)] } as const;
  return perLayer(shape, (layer) => [
    { name: `past_key_${layer}`, ...dims },
    { name: `past_value_${layer}`, ...dims },
  ]);
}

/** What is heard of a window: the encoder's outputs and, a group each, the decoder's inputs (`cross-attention.ts`). */
export function crossTracks(shape: WhisperShape, precision: Precision): readonly Track[] {
  const heads = shape.textHeads;
  const width = widthOf(shape);
  if (precision === 'f32') {
    const dims = { type: 'float32', before: [heads], after: [width] } as const;
    return perLayer(shape, (layer) => [
      { name: `cross_key_${layer}`, ...dims },
      { name: `cross_value_${layer}`, ...dims },
    ]);
  }
  const scale = { type: 'float32', before: [heads], after: [width], isFixed: true } as const;
  return perLayer(shape, (layer) => [
    { name: `cross_key_${layer}`, type: 'int8', before: [heads, width], after: [] },
    { name: `cross_key_scale_${layer}`, ...scale },
    { name: `cross_offset_${layer}`, type: 'float32', before: [heads, 1], after: [] },
    { name: `cross_value_${layer}`, type: 'int8', before: [heads], after: [width] },
    { name: `cross_value_scale_${layer}`, ...scale },
  ]);
}
