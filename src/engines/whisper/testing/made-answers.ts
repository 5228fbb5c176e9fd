/** What a made child answers with: a model's facts, a segment's text, counts. */
import type { EngineResult, ModelInfo, Segment } from '../../../core/index.ts';
import { samples } from '../../../core/index.ts';
import { NO_COUNTS } from '../child/counts.ts';
import type { ChildCounts } from '../child/messages.ts';

export const MADE_INFO: ModelInfo = {
  name: 'made',
  digest: '00',
  multilingual: false,
  languages: ['en'],
  mels: 80,
  vocabulary: 51_864,
  precision: 'int8',
};

export const MADE_SEGMENT: Segment = { start: samples(0), pcm: new Float32Array(100), speech: [] };

export const madeResult = (text: string): EngineResult => ({
  text,
  language: 'en',
  languageProbability: 1,
  tokens: [],
  spans: [],
  avgLogprob: 0,
  noSpeechProbability: 0,
  compressionRatio: 1,
  temperature: 0,
  retries: [],
});

/** Counts of so many segments, of ten steps and twenty rows each. */
export const madeCounts = (segments: number): ChildCounts => ({
  ...NO_COUNTS,
  segments,
  steps: segments * 10,
  rows: segments * 20,
});
