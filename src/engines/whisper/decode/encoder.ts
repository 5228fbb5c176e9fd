import * as ort from 'onnxruntime-node';
import { foldFrames } from '../features/frames.ts';
import { HALF_FRAME } from '../features/dft.ts';
import type { WhisperShape } from '../model/whisper-model.ts';
import type { EncodedWindow } from './batch.ts';
import type { WindowRequest } from './segment-task.ts';

/** Runs the encoder graph over one window; windows are encoded singly, since a batch of them costs as much as its parts. */
export async function encodeWindow(
  session: ort.InferenceSession,
  shape: WhisperShape,
  { pcm, positions }: WindowRequest,
): Promise<EncodedWindow> {
  const frames = foldFrames(pcm, positions);
  const names = (part: 'key' | 'value'): string[] =>
    Array.from({ length: shape.textLayers }, (_, i) => `cross_${part}_${i}`);
  const outputs = await session.run(
    {
      even: new ort.Tensor('float32', frames.even, [frames.count, HALF_FRAME]),
      odd: new ort.Tensor('float32', frames.odd, [frames.count, HALF_FRAME]),
    },
    [...names('key'), ...names('value')],
  );
  const read = (name: string): Float32Array => {
    const data = outputs[name]?.data;
    return data instanceof Float32Array ? data : new Float32Array(0);
  };
  return { positions, keys: names('key').map(read), values: names('value').map(read) };
}
