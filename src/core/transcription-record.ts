/** One transcription as the session store keeps it: what was asked, and a snapshot of what its events tell. */
import type { ErrorCode } from './errors.ts';
import type { AudioLedger, PreparedChannel } from './jobs.ts';
import type { JobClass } from './ports/job-queue.ts';
import type { DecodeOptions } from './ports/engine.ts';
import type { TranscriptSegment } from './transcript.ts';
import type { Millis, Samples } from './units.ts';

export type TranscriptionState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** What was asked for; written once by the gateway. */
export interface TranscriptionRequest {
  /** What messages call the file. */
  readonly name: string;
  /**
   * Somebody waits for an `interactive` one, to whom nothing was promised before the answer: of what belongs to it a store may lose
   * the last when its process is killed.
   */
  readonly jobClass: JobClass;
  readonly channels: 'mix' | 'split';
  readonly model: string;
  readonly options: DecodeOptions;
  /** Hex, of the upload. */
  readonly sha256: string;
  readonly bytes: number;
  /** How long text and record are kept after the end. */
  readonly retention: Millis;
  /** The client's own words about the job, given back as they came. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Where to tell of the end. */
  readonly webhook?: { readonly url: string };
}

/** A segment whose text waits for segments before it. */
export interface HeldSegment {
  readonly index: number;
  readonly start: Samples;
  readonly length: Samples;
  readonly segments: readonly TranscriptSegment[];
}

/** How far one channel is. */
export interface ChannelWork {
  /** The first segment that no event has told yet. */
  readonly next: number;
  /** Where the last one that was told ends. */
  readonly until: Samples;
  /** In segments that gave text, and in those that gave none. */
  readonly transcribed: Samples;
  readonly suppressed: Samples;
  /** By index, all behind `next`. */
  readonly held: readonly HeldSegment[];
}

/** What the aggregator has to remember between two outcomes. */
export interface TranscriptionWork {
  /** One a channel, once the file is decoded to its end. */
  readonly prepared?: readonly PreparedChannel[];
  /** By channel, as far as any was heard of. */
  readonly channels: readonly ChannelWork[];
  /** When progress was last told. */
  readonly toldAt: Millis;
}

/** The events up to number `seq`, summed up; `foldEvents` brings it up to date. */
export interface TranscriptionRecord {
  readonly v: 1;
  readonly request: TranscriptionRequest;
  readonly createdAt: Millis;
  readonly state: TranscriptionState;
  /** The last event that this snapshot holds. */
  readonly seq: number;
  readonly startedAt?: Millis;
  readonly finishedAt?: Millis;
  readonly doneMs: Millis;
  readonly totalMs?: Millis;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  /** Where the audio went; known at the end. */
  readonly ledger?: AudioLedger;
  readonly work: TranscriptionWork;
}
