import type { Broker, JobOutcome, Segment, TranscribeJob } from '../core/index.ts';
import { ScriptoriumError, fromPcm16, millis, samples } from '../core/index.ts';
import type { EngineSource } from './engine-source.ts';
import { NotNow } from './leased-job.ts';
import type { OneOrMany } from './one-or-many.ts';

export interface TranscribeParts {
  readonly audio: Broker['audio'];
  readonly engines: EngineSource;
  readonly order: OneOrMany;
}

/** Deaths that take every segment of an engine along. */
const DEATHS: ReadonlySet<string> = new Set(['engine-crashed', 'engine-timeout']);

/**
 * Has an engine transcribe one segment.
 *
 * @param alone whether no other segment may be with it.
 * @throws NotNow when the engine died with others in it: nobody knows whose fault that was.
 */
export async function transcribe(
  job: TranscribeJob,
  alone: boolean,
  { audio, engines, order }: TranscribeParts,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { session, channel, from, to, speech, options, model } = job;
  const use = await engines.use(model, signal);
  try {
    const stay = await order.enter(alone, signal);
    try {
      const pcm = fromPcm16(await audio.range({ session, channel, from, to }));
      const segment: Segment = { start: from, pcm, speech };
      const result = await use.engine.transcribe(segment, options, signal);
      const length = samples(to - from);
      return { type: 'transcribed', channel, segment: job.segment, start: from, length, result };
    } catch (error) {
      const isDeath = error instanceof ScriptoriumError && DEATHS.has(error.code);
      throw isDeath && stay.wasAccompanied() ? new NotNow(millis(0)) : error;
    } finally {
      stay.leave();
    }
  } finally {
    use.release();
  }
}
