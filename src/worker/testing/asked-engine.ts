/** An engine that answers one thing and keeps what it was asked. */
import type { DecodeOptions, Engine, EngineResult, ModelInfo, Segment } from '../../core/index.ts';
import { samples } from '../../core/index.ts';
import { oneOrMany } from '../one-or-many.ts';
import type { SegmentParts } from '../with-segment.ts';

const MODEL: ModelInfo = {
  name: 'tiny.en',
  digest: '',
  multilingual: false,
  languages: ['en'],
  mels: 80,
  vocabulary: 51_864,
  precision: 'int8',
};

export interface Asked {
  readonly segment: Segment;
  readonly options: DecodeOptions;
}

/** @param range what the store has of the sound: silence, unless given; it has none behind what is asked for. */
export function askedEngine(
  heard: EngineResult,
  range: SegmentParts['audio']['range'] = ({ from, to }) => Promise.resolve(new Int16Array(to - from)),
): { readonly asked: readonly Asked[]; readonly parts: SegmentParts } {
  const asked: Asked[] = [];
  const engine: Engine = {
    info: MODEL,
    concurrency: 1,
    stats: () => {
      throw new Error('nobody asks');
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
    transcribe(segment, options) {
      asked.push({ segment, options });
      return Promise.resolve(heard);
    },
  };
  const audio = { range, end: () => Promise.resolve(samples(0)) };
  return {
    asked,
    parts: { audio, engines: { use: () => Promise.resolve({ engine, release: () => {} }) }, order: oneOrMany() },
  };
}
