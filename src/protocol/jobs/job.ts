/** A job as `GET /v1/jobs/{id}` shows it. */
import { z } from 'zod';
import type { TranscriptionRecord } from '../../core/index.ts';
import { Problem, problemOf } from '../problem.ts';

const seconds = z.number().min(0);
const time = z.iso.datetime();

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

const Progress = z.object({
  audio_seconds_done: seconds,
  audio_seconds_total: seconds.nullable().describe('Known once the file is decoded.'),
  fraction: z.number().min(0).max(1).describe('Never falls.'),
  queue_position: z.int().min(0).nullable().describe('Jobs ahead; null once it runs.'),
  eta_seconds: seconds.nullable().describe('An estimate, from the speed so far.'),
});

const samples = z.int().min(0);
const Ledger = z
  .object({
    received: samples,
    transcribed: samples,
    silence: samples,
    suppressed: z.record(z.string(), samples),
    dropped: z.record(z.string(), samples),
  })
  .describe('Where every sample at 16 kHz went; `received` is the sum of the others.');

export const Job = z.object({
  id: z.string(),
  object: z.literal('transcription.job'),
  status: z.enum(JOB_STATES),
  model: z.string(),
  file: z.object({ name: z.string(), bytes: z.int().min(0), sha256: z.string() }),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
  expires_at: time.nullable().describe('When the job and its text are deleted.'),
  progress: Progress,
  error: Problem.nullable(),
  result_url: z.string().nullable(),
  ledger: Ledger.nullable(),
  metadata: z.record(z.string(), z.string()),
});
export type Job = z.infer<typeof Job>;

export const JobList = z.object({
  object: z.literal('list'),
  data: z.array(Job),
  next: z.string().nullable().describe('Give it as `after` for the next page.'),
});

export type JobList = z.infer<typeof JobList>;

export interface JobView {
  readonly id: string;
  readonly record: TranscriptionRecord;
  /** Jobs ahead of it, where it waits. */
  readonly position: number | undefined;
  /** Broker time. */
  readonly now: number;
}

/** A record as clients see it. */
export function jobOf({ id, record, position, now }: JobView): Job {
  const { request, state, finishedAt, error, ledger } = record;
  return {
    id,
    object: 'transcription.job',
    status: state,
    model: request.model,
    file: { name: request.name, bytes: request.bytes, sha256: request.sha256 },
    created_at: iso(record.createdAt),
    started_at: record.startedAt === undefined ? null : iso(record.startedAt),
    finished_at: finishedAt === undefined ? null : iso(finishedAt),
    expires_at: finishedAt === undefined ? null : iso(finishedAt + request.retention),
    progress: progressOf(record, position, now),
    error: error === undefined ? null : problemOf(error),
    result_url: state === 'succeeded' ? `/v1/jobs/${id}/result` : null,
    ledger: ledger === undefined ? null : copyOf(ledger),
    metadata: { ...request.metadata },
  };
}

/** How far a transcription is; the whole of it once it succeeded. */
export function progressOf(
  { state, doneMs, totalMs, startedAt }: TranscriptionRecord,
  position: number | undefined,
  now: number,
): Job['progress'] {
  const done = state === 'succeeded' && totalMs !== undefined ? totalMs : doneMs;
  const passed = startedAt === undefined ? 0 : now - startedAt;
  const left =
    totalMs === undefined || state !== 'running' || done <= 0 ? undefined : (totalMs - done) * (passed / done);
  return {
    audio_seconds_done: done / 1000,
    audio_seconds_total: totalMs === undefined ? null : totalMs / 1000,
    fraction: fractionOf(state, done, totalMs),
    queue_position: state === 'queued' ? (position ?? 0) : null,
    eta_seconds: left === undefined ? null : Math.max(0, Math.round(left / 100) / 10),
  };
}

function fractionOf(state: TranscriptionRecord['state'], done: number, total: number | undefined): number {
  if (state === 'succeeded') return 1;
  return total === undefined || total <= 0 ? 0 : Math.min(1, done / total);
}

const copyOf = (ledger: NonNullable<TranscriptionRecord['ledger']>): Job['ledger'] => ({
  ...ledger,
  suppressed: { ...ledger.suppressed },
  dropped: { ...ledger.dropped },
});

/** Milliseconds since the epoch as ISO 8601. */
export const iso = (at: number): string => new Date(at).toISOString();
