import type { DecodeOptions } from './ports/engine.ts';

/**
 * How speech is decoded unless somebody asks otherwise: thresholds, temperatures and beam of OpenAI's command
 * (`whisper/transcribe.py: cli`). Whatever has a default takes it from here.
 */
export const DEFAULT_DECODE_OPTIONS = {
  language: 'auto',
  task: 'transcribe',
  beamSize: 5,
  lengthPenalty: 1,
  temperatures: [0, 0.2, 0.4, 0.6, 0.8, 1],
  compressionRatioThreshold: 2.4,
  logprobThreshold: -1,
  noSpeechThreshold: 0.6,
  words: false,
  timestamps: false,
  suppressSymbols: true,
  seed: 0,
} as const satisfies DecodeOptions;
