import type { DecodeOptions } from '../../../core/index.ts';

/** Greedy and plain, one try at temperature 0. */
export function madeOptions(more: Partial<DecodeOptions> = {}): DecodeOptions {
  return {
    language: 'en',
    task: 'transcribe',
    beamSize: 1,
    lengthPenalty: 1,
    temperatures: [0],
    compressionRatioThreshold: 2.4,
    logprobThreshold: -1,
    noSpeechThreshold: 0.6,
    words: false,
    timestamps: false,
    suppressSymbols: true,
    seed: 0,
    ...more,
  };
}
