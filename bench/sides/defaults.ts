import type { TranscribeRequest } from '../../src/app/index.ts';

/** The command line's defaults, for a text without times in a language that is known; a test holds them equal. */
export const DEFAULTS: TranscribeRequest = {
  language: 'en',
  task: 'transcribe',
  beamSize: 5,
  temperatures: [0, 0.2, 0.4, 0.6, 0.8, 1],
  lengthPenalty: 1,
  compressionRatioThreshold: 2.4,
  logprobThreshold: -1,
  noSpeechThreshold: 0.6,
  keywords: [],
  words: false,
  timestamps: false,
  previousText: false,
  channels: 'mix',
  suppressSymbols: true,
  seed: 0,
};
