import type { DecodeOptions, JobOutcome, LiveJob } from '../core/index.ts';
import { MAX_SEGMENT_SAMPLES, samples } from '../core/index.ts';
import { withSegment, type SegmentParts } from './with-segment.ts';

/**
 * Has an engine hear one utterance of a live session; the parameters are those of `withSegment`.
 *
 * A partial hears what is stored by now, for it may have waited. It begins with what is settled and decodes only what is open,
 * once. A final, or what may be one, is decoded freely, as a file is: where it reads otherwise than the settled words, the
 * aggregator keeps those. A server that can't keep up does so greedily, draws no other texts when a guard fails, and hears no
 * more of what is settled than what is open needs.
 */
export async function hear(
  job: LiveJob,
  alone: boolean,
  parts: SegmentParts,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { kind, utterance, revision, from, settled } = job;
  const kept = settled.kept === undefined ? {} : { kept: settled.kept.words };
  const { to, speech } = kind === 'partial' ? await asFarAsSpoken(job, parts) : job;
  const place = { ...job, channel: 0, to, speech };
  const options = kind === 'partial' ? partialOptions(job) : finalOptions(job);
  const result = await withSegment(place, alone, parts, signal, (engine, segment) =>
    engine.transcribe(segment, options, signal),
  );
  return { type: 'heard', kind, utterance, revision, from, to, ...kept, result };
}

/** What came since it was put is taken for speech: only how much there is counts. */
async function asFarAsSpoken(
  { session, from, to, speech }: LiveJob,
  { audio }: Pick<SegmentParts, 'audio'>,
): Promise<Pick<LiveJob, 'to' | 'speech'>> {
  const end = samples(Math.min(Math.max(to, await audio.end(session, 0)), from + MAX_SEGMENT_SAMPLES));
  if (end <= to) return { to, speech };
  return { to: end, speech: [...speech, { start: samples(to - from), end: samples(end - from) }] };
}

/** Greedy and once, behind others unless it says otherwise: the next partial comes soon, and looks again. */
const partialOptions = ({ options, settled, guess }: LiveJob): DecodeOptions => ({
  ...options,
  beamSize: 1,
  temperatures: options.temperatures.slice(0, 1),
  prefix: settled.tokens,
  ...guessOf(guess),
  once: true,
  givesWay: options.givesWay ?? true,
});

const finalOptions = ({ options, quick, guess }: LiveJob): DecodeOptions =>
  quick ? { ...options, beamSize: 1, temperatures: options.temperatures.slice(0, 1), ...guessOf(guess) } : options;

const guessOf = (guess: LiveJob['guess']): Pick<DecodeOptions, 'guess'> => (guess === undefined ? {} : { guess });
