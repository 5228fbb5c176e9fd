/** What gateway, worker and aggregator hand each other: bodies of jobs, their outcomes, and what clients see of them. */
import type { ErrorCode } from './errors.ts';
import type { HeardOutcome, LiveJob } from './live/live-session.ts';
import type { DecodeOptions, EngineResult } from './ports/engine.ts';
import type { SpeechSpan } from './speech.ts';
import type { TranscriptSegment } from './transcript.ts';
import type { Millis, Samples } from './units.ts';

/** Version of every shape in this file: a job or outcome of another one is refused, not guessed at. */
export const JOBS_VERSION = 1;

/** Decode a file, find speech, cut it into segments, and put a job for each. */
export interface PrepareJob {
  readonly v: typeof JOBS_VERSION;
  readonly type: 'prepare';
  readonly session: string;
  /** Key of the upload. */
  readonly blob: string;
  /** What messages call the file. */
  readonly name: string;
  /** `mix` makes one transcript of all channels; `split` one a channel. */
  readonly channels: 'mix' | 'split';
  readonly model: string;
  readonly options: DecodeOptions;
}

/** Transcribe one segment. */
export interface TranscribeJob {
  readonly v: typeof JOBS_VERSION;
  readonly type: 'transcribe';
  readonly session: string;
  readonly channel: number;
  /** 0, 1, 2, … in its channel. */
  readonly segment: number;
  /** Of the channel in the audio store; `from < to`. */
  readonly from: Samples;
  readonly to: Samples;
  /** In samples from `from`. */
  readonly speech: readonly SpeechSpan[];
  readonly model: string;
  readonly options: DecodeOptions;
}

export type TranscriptionJob = PrepareJob | TranscribeJob;

/** What workers are given. */
export type WorkerJob = TranscriptionJob | LiveJob;

/** Tell somebody's server that a transcription has ended. */
export interface WebhookJob {
  readonly v: typeof JOBS_VERSION;
  readonly type: 'webhook';
  readonly session: string;
  readonly url: string;
  /** Same on every attempt: receivers tell repeats by it. */
  readonly webhookId: string;
}

/** Where the upload of a transcription stands in the blob store. */
export const uploadKey = (session: string): string => `${session}/upload`;
/** Where its finished transcripts stand, as JSON: `readonly Transcript[]`, one, or one a channel that was kept apart. */
export const transcriptKey = (session: string): string => `${session}/transcript`;
export const prepareJobId = (session: string): string => `${session}/prepare`;

/** Where the result of `prepare` goes in its session. */
export const PREPARE_SLOT = 'prepare';
/** Where a segment's result goes in its session. */
export const segmentSlot = (channel: number, segment: number): string => `segment/${channel}/${segment}`;

/** What `prepare` found in one channel. */
export interface PreparedChannel {
  readonly total: Samples;
  readonly segments: number;
  /** In no segment: `total` less the length of all segments. */
  readonly silence: Samples;
}

/** What became of a job; `dead` is written by the broker for one that ran out of attempts. */
export type JobOutcome =
  | { readonly type: 'prepared'; readonly channels: readonly PreparedChannel[] }
  | {
      readonly type: 'transcribed';
      readonly channel: number;
      readonly segment: number;
      readonly start: Samples;
      readonly length: Samples;
      readonly result: EngineResult;
    }
  | HeardOutcome
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'dead'; readonly reason: string; readonly attempts: number };

/** Why audio was not transcribed although it was received. */
export type DropReason = 'cancelled' | 'failed';
/** Why transcribed audio gave no text. */
export type SuppressReason = 'no-speech';

/** Where every sample of all channels went: `received` is the sum of the others, to the sample. */
export interface AudioLedger {
  readonly received: Samples;
  readonly transcribed: Samples;
  readonly silence: Samples;
  readonly suppressed: Readonly<Record<SuppressReason, Samples>>;
  readonly dropped: Readonly<Record<DropReason, Samples>>;
}

/** What clients see of a transcription. The last of them is `succeeded`, `failed` or `cancelled`. */
export type TranscriptionEvent =
  | { readonly type: 'accepted' }
  | { readonly type: 'started' }
  /** Neither number ever falls; `totalMs` is known at the latest when the file is decoded. */
  | { readonly type: 'progress'; readonly doneMs: Millis; readonly totalMs?: Millis }
  /** Segments of a channel in order, each number once; a segment can hold no text, or several sentences. */
  | {
      readonly type: 'segment';
      readonly channel: number;
      readonly index: number;
      /** Of the channel's samples. */
      readonly start: Samples;
      readonly length: Samples;
      readonly segments: readonly TranscriptSegment[];
    }
  | { readonly type: 'succeeded'; readonly ledger: AudioLedger }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string; readonly ledger: AudioLedger }
  | { readonly type: 'cancelled'; readonly ledger: AudioLedger };
