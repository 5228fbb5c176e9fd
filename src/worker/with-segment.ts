import type { Broker, Engine, Samples, Segment, SpeechSpan } from '../core/index.ts';
import { ScriptoriumError, fromPcm16, millis } from '../core/index.ts';
import type { EngineSource } from './engine-source.ts';
import { NotNow } from './leased-job.ts';
import type { OneOrMany } from './one-or-many.ts';

export interface SegmentParts {
  readonly audio: Pick<Broker['audio'], 'range' | 'end'>;
  readonly engines: EngineSource;
  readonly order: OneOrMany;
}

/** Where a segment lies, and what is to hear it. */
export interface SegmentPlace {
  readonly session: string;
  readonly channel: number;
  readonly from: Samples;
  readonly to: Samples;
  readonly speech: readonly SpeechSpan[];
  readonly model: string;
}

/** Deaths that take every segment of an engine along. */
const DEATHS: ReadonlySet<string> = new Set(['engine-crashed', 'engine-timeout']);
const isDeath = (error: unknown): boolean => error instanceof ScriptoriumError && DEATHS.has(error.code);
/** A death that may be somebody else's doing; one that took too long was at this segment. */
export const isCrash = (error: unknown): boolean =>
  error instanceof ScriptoriumError && error.code === 'engine-crashed';

/**
 * Fetches a segment's sound and has work done on it with the engine of its model.
 *
 * @param alone whether no other segment may be with it.
 * @throws NotNow when the engine died with others in it: nobody knows whose fault that was.
 */
export async function withSegment<T>(
  { session, channel, from, to, speech, model }: SegmentPlace,
  alone: boolean,
  { audio, engines, order }: SegmentParts,
  signal: AbortSignal,
  work: (engine: Engine, segment: Segment) => Promise<T>,
): Promise<T> {
  const use = await engines.use(model, signal);
  try {
    const stay = await order.enter(alone, signal);
    try {
      const pcm = fromPcm16(await audio.range({ session, channel, from, to }));
      return await work(use.engine, { start: from, pcm, speech });
    } catch (error) {
      throw isDeath(error) && stay.wasAccompanied() ? new NotNow(millis(0)) : error;
    } finally {
      stay.leave();
    }
  } finally {
    use.release();
  }
}
