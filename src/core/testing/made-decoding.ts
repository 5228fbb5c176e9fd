/** What engines are asked and answer, made up for tests. */
import { DEFAULT_DECODE_OPTIONS } from '../decode-defaults.ts';
import type { DecodeOptions, EngineResult, ModelInfo } from '../ports/engine.ts';

/** Greedy and plain English, one try at temperature 0, no word times. */
export const PLAIN: DecodeOptions = {
  ...DEFAULT_DECODE_OPTIONS,
  language: 'en',
  beamSize: 1,
  temperatures: [0],
  words: false,
};

export const MADE_INFO: ModelInfo = {
  name: 'made',
  digest: '00',
  multilingual: false,
  languages: ['en'],
  mels: 80,
  vocabulary: 51_864,
  precision: 'int8',
};

/** English, heard at once and with certainty. */
export const madeResult = (text: string, more: Partial<EngineResult> = {}): EngineResult => ({
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
  ...more,
});
