import type { DecodeOptions } from '../../../core/index.ts';
import { DEFAULT_DECODE_OPTIONS } from '../../../core/index.ts';

/** Greedy and plain English, one try at temperature 0. */
export const madeOptions = (more: Partial<DecodeOptions> = {}): DecodeOptions => ({
  ...DEFAULT_DECODE_OPTIONS,
  language: 'en',
  beamSize: 1,
  temperatures: [0],
  ...more,
});
