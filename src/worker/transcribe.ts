import type { JobOutcome, TranscribeJob } from '../core/index.ts';
import { ScriptoriumError, samples } from '../core/index.ts';
import type { RestoreSound } from './restore-sound.ts';
import { withSegment, type SegmentParts } from './with-segment.ts';

export interface TranscribeParts extends SegmentParts {
  readonly restore: RestoreSound;
}

/** Has an engine transcribe one segment of a file, whose sound is decoded again if it is lost; the parameters are those of `withSegment`. */
export async function transcribe(
  job: TranscribeJob,
  alone: boolean,
  parts: TranscribeParts,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { channel, segment: index, from, to, options, session } = job;
  const once = (): Promise<JobOutcome> =>
    withSegment(job, alone, parts, signal, async (engine, segment) => {
      const result = await engine.transcribe(segment, options, signal);
      return { type: 'transcribed', channel, segment: index, start: from, length: samples(to - from), result };
    });
  try {
    return await once();
  } catch (error) {
    if (!(error instanceof ScriptoriumError) || error.code !== 'audio-gone') throw error;
    await parts.restore(session);
    return once();
  }
}
