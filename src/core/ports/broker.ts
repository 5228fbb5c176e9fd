/** The broker port: everything that processes hand each other, opened and closed as one. */
import type { ScriptoriumError } from '../scriptorium-error.ts';
import type { JobOutcome, TranscriptionEvent, WebhookJob, WorkerJob } from '../jobs.ts';
import type { LiveEvent } from '../live/live-event.ts';
import type { SecretRecord } from '../live/secret-record.ts';
import type { LiveRecord } from '../live/live-record.ts';
import type { TranscriptionRecord } from '../transcription-record.ts';
import type { Millis } from '../units.ts';
import type { AudioStore } from './audio-store.ts';
import type { Buckets } from './buckets.ts';
import type { BlobStore } from './blob-store.ts';
import type { EventLog } from './event-log.ts';
import type { JobQueue } from './job-queue.ts';
import type { ResultLog } from './result-log.ts';
import type { SessionStore } from './session-store.ts';

/** The ports that a live session's state lives in. */
export interface LiveStores {
  /** Short-lived keys that begin sessions. */
  readonly secrets: SessionStore<SecretRecord>;
  readonly sessions: SessionStore<LiveRecord>;
  readonly events: EventLog<LiveEvent>;
}

/**
 * The ports over one store. Disposing of it ends every wait, gives back what is leased without counting the attempt, and
 * resolves when all is on the disk; every call after that fails with `broker-closed`.
 */
export interface Broker extends AsyncDisposable {
  readonly jobs: JobQueue<WorkerJob>;
  readonly webhooks: JobQueue<WebhookJob>;
  readonly audio: AudioStore;
  readonly sessions: SessionStore<TranscriptionRecord>;
  readonly results: ResultLog<JobOutcome>;
  readonly events: EventLog<TranscriptionEvent>;
  readonly blobs: BlobStore;
  readonly buckets: Buckets;
  /** Live sessions, which `sessions` and `events` know nothing of; jobs, results and audio are shared. */
  readonly live: LiveStores;
  /** Broker time, since the Unix epoch: what `at`, `enqueuedAt` and `notAfter` are in. Never goes back while it is open. */
  now(): Millis;
  /** What keeps it from working until it is opened again: every call fails with that. Undefined while all is well. */
  failure(): ScriptoriumError | undefined;
  /**
   * Removes all of a session: record, jobs (those under way are lost to their workers), results, events, audio and blobs, from the disk too.
   * Happens by itself when a record's time to live is over. `false` when there was nothing.
   */
  forget(session: string): Promise<boolean>;
}
