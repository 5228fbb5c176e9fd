import type { Samples } from './units.ts';

/** A stretch of one channel where somebody speaks, in samples from its start; `start < end`. */
export interface SpeechSpan {
  readonly start: Samples;
  readonly end: Samples;
}

/**
 * The samples handed to an engine at once: 16 kHz mono, values in [-1, 1] and finite,
 * at most 30 s (`MAX_SEGMENT_SAMPLES`).
 */
export interface Segment {
  /** Where the first sample stands in its channel. */
  readonly start: Samples;
  readonly pcm: Float32Array;
  /** Where somebody speaks, in samples from the first of `pcm`, ascending and apart. */
  readonly speech: readonly SpeechSpan[];
}

/** 30 s: the longest window Whisper's encoder takes. */
export const MAX_SEGMENT_SAMPLES = 480_000;
