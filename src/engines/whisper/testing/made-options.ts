import type { DecodeOptions } from '../../../core/index.ts';
import { PLAIN } from '../../../core/testing/made-decoding.ts';

/** Greedy and plain English, one try at temperature 0. */
export const madeOptions = (more: Partial<DecodeOptions> = {}): DecodeOptions => ({ ...PLAIN, ...more });
