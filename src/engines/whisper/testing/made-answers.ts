/** What a made child is given, and counts. */
import type { Segment } from '../../../core/index.ts';
import { samples } from '../../../core/index.ts';
import { NO_COUNTS } from '../child/counts.ts';
import type { ChildCounts } from '../child/messages.ts';

export const MADE_SEGMENT: Segment = { start: samples(0), pcm: new Float32Array(100), speech: [] };

/** Counts of so many segments, of ten steps and twenty rows each. */
export const madeCounts = (segments: number): ChildCounts => ({
  ...NO_COUNTS,
  segments,
  steps: segments * 10,
  rows: segments * 20,
});
