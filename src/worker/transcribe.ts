import type { Broker, JobOutcome, Segment, TranscribeJob } from '../core/index.ts';
import { fromPcm16, samples } from '../core/index.ts';
import type { EngineSource } from './engine-source.ts';
import type { OneOrMany } from './one-or-many.ts';

export interface TranscribeParts {
  readonly audio: Broker['audio'];
  readonly engines: EngineSource;
  readonly order: OneOrMany;
}

/** Has an engine transcribe one segment. @param alone whether no other segment may be with it. */
export async function transcribe(
  job: TranscribeJob,
  alone: boolean,
  { audio, engines, order }: TranscribeParts,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { session, channel, from, to, speech, options, model } = job;
  const use = await engines.use(model, signal);
  try {
    const leave = await order.enter(alone, signal);
    try {
      const pcm = fromPcm16(await audio.range({ session, channel, from, to }));
      const segment: Segment = { start: from, pcm, speech };
      const result = await use.engine.transcribe(segment, options, signal);
      const length = samples(to - from);
      return { type: 'transcribed', channel, segment: job.segment, start: from, length, result };
    } finally {
      leave();
    }
  } finally {
    use.release();
  }
}
