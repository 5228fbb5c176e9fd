import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type {
  AudioLedger,
  Broker,
  JobQueue,
  JobSpec,
  Lease,
  WorkerJob,
  TranscriptionRecord,
} from '../../../core/index.ts';
import { millis, newRecord, samples } from '../../../core/index.ts';
import { handClock } from '../../../core/testing/hand-clock.ts';
import { PLAIN } from '../../../core/testing/made-decoding.ts';
import type { LocalBrokerOptions } from '../local-broker.ts';

/** A folder that is removed when the test is over. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-broker-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A broker over the folder, with a clock that stands still. */
export const optionsFor = (folder: string): LocalBrokerOptions => ({
  folder,
  clock: handClock(),
  startedAt: millis(Date.UTC(2026, 0, 1)),
});

/** A job of class `batch` that may be tried once. */
export function jobOf(id: string, session = 'session'): JobSpec<WorkerJob> {
  const upload = { blob: `${session}/upload`, name: 'talk.wav', channels: 'mix', model: 'tiny' } as const;
  const body = { v: 1, type: 'prepare', session, ...upload, options: PLAIN } as const;
  return { id, session, tenant: 'tenant', jobClass: 'batch', body, slot: id, revision: 1, maxAttempts: 1 };
}

/** The next job, which must be there. */
export async function claimed(jobs: JobQueue<WorkerJob>): Promise<Lease<WorkerJob>> {
  const lease = await jobs.claim({ worker: 'worker', wait: millis(0) });
  if (lease === null) throw new Error('no job is handed out');
  return lease;
}

export function recordOf(name: string): TranscriptionRecord {
  const request = { jobClass: 'batch', channels: 'mix', model: 'tiny', sha256: '00', bytes: 1, metadata: {} } as const;
  return newRecord({ ...request, name, options: PLAIN, retention: millis(1000) }, millis(0));
}

export async function* bytesOf(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield new TextEncoder().encode(text);
}

const none = samples(0);
export const NO_AUDIO: AudioLedger = {
  received: none,
  transcribed: none,
  silence: none,
  suppressed: { 'no-speech': none },
  dropped: { cancelled: none, failed: none },
};

/** What a process that ends now leaves: a copy of the folder while the broker is open. */
export async function endedNow(folder: string, broker: Broker): Promise<string> {
  // Writes follow each other, so all before this one are on the disk too.
  await broker.sessions.remove('none');
  const copy = await tempFolder();
  await cp(folder, copy, { recursive: true });
  await broker[Symbol.asyncDispose]();
  return copy;
}
