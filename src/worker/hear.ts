import type { DecodeOptions, JobOutcome, LiveJob, Samples, SpeechSpan } from '../core/index.ts';
import { MAX_SEGMENT_SAMPLES, samples, samplesToMillis } from '../core/index.ts';
import { hearBehind } from './hear-behind.ts';
import { withSegment, type SegmentParts } from './with-segment.ts';

/**
 * Has an engine hear one utterance of a live session; the parameters are those of `withSegment`.
 *
 * A partial hears what is stored by now, for it may have waited. It begins with what is settled and decodes only what is open,
 * once. A final, or what may be one, is decoded freely, as a file is, and together with what was said shortly before: where it
 * reads otherwise than the settled words, the aggregator keeps those. A server that can't keep up does so greedily, draws no other texts when a
 * guard fails, and hears no more of what is settled than what is open needs.
 */
export async function hear(
  job: LiveJob,
  alone: boolean,
  parts: SegmentParts,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { kind, utterance, revision, from, settled, earlier } = job;
  const kept = settled.kept === undefined ? {} : { kept: settled.kept.words };
  const { to, speech } = kind === 'partial' ? await asFarAsSpoken(job, parts) : job;
  const start = earlier?.from ?? from;
  const spans = earlier === undefined ? speech : behind(samples(from - start), speech);
  return withSegment(
    { ...job, channel: 0, from: start, to, speech: spans },
    alone,
    parts,
    signal,
    async (engine, all) => {
      const options = kind === 'partial' ? partialOptions(job) : finalOptions(job);
      const own = { start: from, pcm: all.pcm.subarray(from - start), speech };
      const result =
        (earlier &&
          (await hearBehind(engine, all, earlier, samplesToMillis(samples(from - start)), options, signal))) ??
        (await engine.transcribe(own, options, signal));
      return { type: 'heard', kind, utterance, revision, from, to, ...kept, result };
    },
  );
}

/** Spans of an utterance that is heard behind so much of what was said before it. */
const behind = (before: Samples, speech: readonly SpeechSpan[]): readonly SpeechSpan[] => [
  { start: samples(0), end: before },
  ...speech.map(({ start, end }) => ({ start: samples(start + before), end: samples(end + before) })),
];

/** What came since it was put is taken for speech: only how much there is counts. */
async function asFarAsSpoken(
  { session, from, to, speech }: LiveJob,
  { audio }: Pick<SegmentParts, 'audio'>,
): Promise<Pick<LiveJob, 'to' | 'speech'>> {
  const end = samples(Math.min(Math.max(to, await audio.end(session, 0)), from + MAX_SEGMENT_SAMPLES));
  if (end <= to) return { to, speech };
  return { to: end, speech: [...speech, { start: samples(to - from), end: samples(end - from) }] };
}

/** Greedy and once: the next partial comes soon, and looks again. */
const partialOptions = ({ options, settled }: LiveJob): DecodeOptions => ({
  ...options,
  beamSize: 1,
  temperatures: options.temperatures.slice(0, 1),
  prefix: settled.tokens,
  once: true,
});

const finalOptions = ({ options, quick }: LiveJob): DecodeOptions =>
  quick ? { ...options, beamSize: 1, temperatures: options.temperatures.slice(0, 1) } : options;
