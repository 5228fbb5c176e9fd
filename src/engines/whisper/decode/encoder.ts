import * as ort from 'onnxruntime-node';
import { HALF_FRAME } from '../features/dft.ts';
import { foldFrames } from '../features/frames.ts';
import type { Track } from '../graph/memory-layout.ts';
import type { RunGraph } from './run-graph.ts';
import { trackData, trackDims, trackSize, trackTensor, type TrackData } from './track-data.ts';
import type { WindowRequest } from './segment-task.ts';

/** What the encoder made of one window: a tensor `[...before, positions, ...after]` for each of the tracks that it was told. */
export interface EncodedWindow {
  readonly positions: number;
  readonly tracks: readonly TrackData[];
}

/** Encodes one window at a time, since a batch of them costs as much as its parts. What it returns is overwritten by the next. */
export type EncodeWindow = (window: WindowRequest) => Promise<EncodedWindow>;

/** @param run the encoder graph. @param tracks its outputs, in the order in which they are returned. */
export function createEncoder(run: RunGraph, tracks: readonly Track[]): EncodeWindow {
  /** One a track. The graph writes into them: fresh memory for each window costs page faults, and the collector's time. */
  let buffers: readonly TrackData[] = [];
  let longest = 0;

  return async ({ pcm, positions }) => {
    if (positions > longest) {
      longest = positions;
      buffers = tracks.map((track) => trackData(track, trackSize(track, positions)));
    }
    const made = tracks.map((track, index) =>
      (buffers[index] ?? trackData(track, 0)).subarray(0, trackSize(track, positions)),
    );
    const outputs = Object.fromEntries(
      tracks.map((track, index) => [
        track.name,
        trackTensor(track, made[index] ?? trackData(track, 0), trackDims(track, positions)),
      ]),
    );
    const frames = foldFrames(pcm, positions);
    const inputs = {
      even: new ort.Tensor('float32', frames.even, [frames.count, HALF_FRAME]),
      odd: new ort.Tensor('float32', frames.odd, [frames.count, HALF_FRAME]),
    };
    await run(inputs, outputs);
    return { positions, tracks: made };
  };
}
