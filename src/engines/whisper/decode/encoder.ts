import * as ort from 'onnxruntime-node';
import { HALF_FRAME } from '../features/dft.ts';
import { foldFrames } from '../features/frames.ts';
import type { WhisperShape } from '../model/whisper-model.ts';
import type { RunGraph } from './run-graph.ts';
import type { WindowRequest } from './segment-task.ts';

/** What the encoder made of one window: keys and values a decoder layer, each `[heads, positions, 64]`. */
export interface EncodedWindow {
  readonly positions: number;
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

/** Encodes one window at a time, since a batch of them costs as much as its parts. What it returns is overwritten by the next. */
export type EncodeWindow = (window: WindowRequest) => Promise<EncodedWindow>;

/** @param run the encoder graph. */
export function createEncoder(run: RunGraph, shape: WhisperShape): EncodeWindow {
  const { textLayers, textHeads, textState } = shape;
  const layers = Array.from({ length: textLayers }, (_, layer) => layer);
  const names = layers.flatMap((layer) => [`cross_key_${layer}`, `cross_value_${layer}`]);
  /** One a name. The graph writes into them: fresh memory for each window costs page faults, and the collector's time. */
  let buffers: readonly Float32Array[] = [];

  return async ({ pcm, positions }) => {
    const length = positions * textState;
    if ((buffers[0]?.length ?? 0) < length) buffers = names.map(() => new Float32Array(length));
    const made = buffers.map((buffer) => buffer.subarray(0, length));
    const dims = [textHeads, positions, textState / textHeads];
    const outputs = Object.fromEntries(
      names.map((name, index) => [name, new ort.Tensor('float32', made[index] ?? new Float32Array(0), dims)]),
    );
    const frames = foldFrames(pcm, positions);
    const inputs = {
      even: new ort.Tensor('float32', frames.even, [frames.count, HALF_FRAME]),
      odd: new ort.Tensor('float32', frames.odd, [frames.count, HALF_FRAME]),
    };
    await run(inputs, outputs);
    return {
      positions,
      keys: made.filter((_, index) => index % 2 === 0),
      values: made.filter((_, index) => index % 2 === 1),
    };
  };
}
