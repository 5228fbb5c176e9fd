/** Transcriptions and outcomes made up for tests. */
import type {
  CommittedOutcome,
  DecodeOptions,
  EngineResult,
  JobOutcome,
  TranscriptionRecord,
  TranscriptionRequest,
} from '../../core/index.ts';
import { PREPARE_SLOT, foldEvents, millis, newRecord, samples, segmentSlot } from '../../core/index.ts';
import { PLAIN, madeResult } from '../../core/testing/made-decoding.ts';

export const decode: DecodeOptions = { ...PLAIN, language: 'auto' };

export const request: TranscriptionRequest = {
  name: 'talk.wav',
  jobClass: 'batch',
  channels: 'mix',
  model: 'tiny.en',
  options: decode,
  sha256: 'ab'.repeat(32),
  bytes: 1000,
  retention: millis(86_400_000),
  metadata: {},
};

/** As the gateway leaves it: accepted, nothing done yet. */
export const accepted = (): TranscriptionRecord =>
  foldEvents(newRecord(request, millis(0)), [{ seq: 1, at: millis(0), event: { type: 'accepted' } }]);

/** One segment of a made recording. */
export interface MadeSegment {
  readonly start: number;
  readonly length: number;
  /** `''`: nobody spoke after all. */
  readonly text: string;
}

/** What one channel of a made recording holds, in samples; segments ascend and don't overlap. */
export interface MadeChannel {
  readonly total: number;
  readonly segments: readonly MadeSegment[];
}

export function resultOf(text: string, lengthMs: number): EngineResult {
  const tokens = text === '' ? [] : [1, 2];
  return madeResult(text, { tokens, spans: [{ text, start: 0, end: lengthMs, tokens }], avgLogprob: -0.1 });
}

type Unnumbered = Omit<CommittedOutcome<JobOutcome>, 'id' | 'at'>;

const about = (slot: string, outcome: JobOutcome): Unnumbered => ({
  jobId: `job_1/${slot}`,
  session: 'job_1',
  slot,
  revision: 1,
  attempt: 1,
  outcome,
});

export const failedOutcome = (slot: string = PREPARE_SLOT): Unnumbered =>
  about(slot, { type: 'failed', code: 'engine-crashed', message: 'the engine process died' });

/** Every outcome of a recording that goes well: that of `prepare` first, then its segments. */
export function outcomesOf(channels: readonly MadeChannel[]): Unnumbered[] {
  const prepared = channels.map(({ total, segments }) => ({
    total: samples(total),
    segments: segments.length,
    silence: samples(total - segments.reduce((sum, { length }) => sum + length, 0)),
  }));
  return [
    about(PREPARE_SLOT, { type: 'prepared', channels: prepared }),
    ...channels.flatMap(({ segments }, channel) =>
      segments.map(({ start, length, text }, segment) =>
        about(segmentSlot(channel, segment), {
          type: 'transcribed',
          channel,
          segment,
          start: samples(start),
          length: samples(length),
          result: resultOf(text, length / 16),
        }),
      ),
    ),
  ];
}

/** The outcomes as a result log gives them: numbered, a while between two. */
export const committed = (outcomes: readonly Unnumbered[], everyMs = 300): CommittedOutcome<JobOutcome>[] =>
  outcomes.map((outcome, i) => ({ ...outcome, id: i + 1, at: millis((i + 1) * everyMs) }));
