import type { JobOutcome, TranscribeJob } from '../core/index.ts';
import { samples } from '../core/index.ts';
import { withSegment, type SegmentParts } from './with-segment.ts';

/** Has an engine transcribe one segment of a file; the parameters are those of `withSegment`. */
export function transcribe(
  job: TranscribeJob,
  alone: boolean,
  parts: SegmentParts,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { channel, segment: index, from, to, options } = job;
  return withSegment(job, alone, parts, signal, async (engine, segment) => {
    const result = await engine.transcribe(segment, options, signal);
    return { type: 'transcribed', channel, segment: index, start: from, length: samples(to - from), result };
  });
}
