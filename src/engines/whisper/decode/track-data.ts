import * as ort from 'onnxruntime-node';
import type { Track } from '../graph/memory-layout.ts';

/** The values of one track. */
export type TrackData = Float32Array | Int8Array;

export const trackData = ({ type }: Track, values: number): TrackData =>
  type === 'int8' ? new Int8Array(values) : new Float32Array(values);

/** What a group or a window has of a track: `[...before, length, ...after]`. */
export const trackDims = ({ before, after, isFixed }: Track, length: number): readonly number[] => [
  ...before,
  isFixed === true ? 1 : length,
  ...after,
];

export const product = (dims: readonly number[]): number => dims.reduce((all, dim) => all * dim, 1);

export const trackSize = (track: Track, length: number): number => product(trackDims(track, length));

export const trackTensor = ({ type }: Track, data: TrackData, dims: readonly number[]): ort.Tensor =>
  new ort.Tensor(type, data, dims);
