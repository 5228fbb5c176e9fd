import { setMaxListeners } from 'node:events';
import type { Broker, Clock, JobClass, JobOutcome, Lease, Millis, Telemetry, WorkerJob, Vad } from '../core/index.ts';
import { JOBS_VERSION, ScriptoriumError, asScriptoriumError, millis, pause } from '../core/index.ts';
import type { DecodeLimits, FfmpegRunner } from '../audio/index.ts';
import { createBlame } from './blame.ts';
import type { EngineSource } from './engine-source.ts';
import { hear } from './hear.ts';
import { NotNow, holdLease } from './leased-job.ts';
import { oneOrMany } from './one-or-many.ts';
import { partialTokens } from './partial-tokens.ts';
import { places, type Places } from './places.ts';
import { prepare } from './prepare.ts';
import { soundRestorer } from './restore-sound.ts';
import { stepAside } from './step-aside.ts';
import { transcribe } from './transcribe.ts';
import { isCrash } from './with-segment.ts';

export interface WorkerParts {
  readonly broker: Pick<Broker, 'jobs' | 'audio' | 'blobs' | 'results' | 'sessions' | 'events' | 'now'>;
  readonly engines: EngineSource;
  /** Loaded when the first file is prepared. */
  readonly vad: () => Promise<Vad>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Decodes what `audio` does not. */
  readonly ffmpeg?: FfmpegRunner;
  readonly limits?: DecodeLimits;
}

/** A share of the worker that only some classes may use: so that a long file can't take all of it. */
export interface Lane {
  readonly classes: readonly JobClass[];
  /** Segments at an engine at once. */
  readonly slots: number;
  /** Files decoded at once, beside the segments; one that waits for its segments to be transcribed is not counted. */
  readonly decoders: number;
}

export interface WorkerOptions {
  readonly name: string;
  readonly lanes: readonly Lane[];
  readonly extendEvery: Millis;
}

export interface Worker {
  /** Jobs held now, by kind. */
  held(): { readonly prepare: number; readonly transcribe: number; readonly live: number };
  /**
   * Takes no more jobs; resolves when those held are settled. They may go on until `deadline` aborts, then they are given back.
   * Idempotent.
   */
  stop(deadline: AbortSignal): Promise<void>;
}

/** A claim is asked anew this often: so that nothing waits on a broken one for ever. */
const CLAIM_WAIT = millis(30_000);
/** After a broker that failed, and for a file too many. */
const BREATHER = millis(1000);
/** Files that are being decoded, wait for their turn, or for their segments; each holds a few megabytes. */
const MAX_OPEN_FILES = 64;
/**
 * Background segments go on when nobody waited for something else for so long: a program that sends one file after the other leaves
 * gaps of milliseconds. Were it shorter than a segment takes alone (a second), much would be begun in vain.
 */
const CALM = millis(2000);
/** One goes on all the same after this: a segment is at most 30 s of sound, so a busy server still keeps up with a recording's own pace. */
const PATIENCE = millis(30_000);
/** Upper bounds in seconds. */
const TIMES = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/**
 * Starts to lease jobs and do them, as many at once as the lanes have slots. A job that was at a death of the engine is tried
 * again alone (`oneOrMany`).
 */
export function startWorker(parts: WorkerParts, { name, lanes, extendEvery }: WorkerOptions): Worker {
  const { broker, clock, telemetry } = parts;
  const { meter } = telemetry;
  const log = telemetry.log.with({ worker: name });
  const ended = meter.counter(
    'scriptorium_jobs_total',
    'Leases that ended, by kind of job, class and how they ended.',
    ['kind', 'class', 'end'],
  );
  const waited = meter.histogram('scriptorium_job_wait_seconds', 'From put to claim, by class.', TIMES, ['class']);
  const worked = meter.histogram('scriptorium_job_work_seconds', 'From claim to end, by kind of job.', TIMES, ['kind']);
  const countTokens = partialTokens(meter);
  const order = oneOrMany();
  const background = stepAside({ clock, calm: CALM, patience: PATIENCE });
  const stopping = new AbortController();
  const giveBack = new AbortController();
  // Each job that is held listens; Node warns of more than ten, as if they had been forgotten.
  setMaxListeners(
    lanes.reduce((sum, { slots }) => sum + slots, MAX_OPEN_FILES + 1),
    stopping.signal,
    giveBack.signal,
  );
  const restore = soundRestorer({ ...parts, log }, giveBack.signal);
  const held = { prepare: 0, transcribe: 0, live: 0 };
  const underWay = new Set<Promise<void>>();
  meter.gauge(
    'scriptorium_worker_jobs',
    'Jobs held now, by kind.',
    () => [
      { value: held.prepare, labels: { kind: 'prepare' } },
      { value: held.transcribe, labels: { kind: 'transcribe' } },
      { value: held.live, labels: { kind: 'live' } },
    ],
    ['kind'],
  );

  const blame = createBlame(clock);
  /** @param leaveSlot gives up the job's slot. */
  async function work(
    lease: Lease<WorkerJob>,
    decoders: Places,
    leaveSlot: () => void,
    signal: AbortSignal,
  ): Promise<JobOutcome> {
    const { body } = lease;
    if (body.v !== JOBS_VERSION) {
      throw new ScriptoriumError('job-invalid', `a job of version ${String(body.v)} is not understood`);
    }
    if (!Object.hasOwn(held, body.type)) {
      throw new ScriptoriumError('job-invalid', `a job of type ${body.type} is not understood`);
    }
    if (body.type !== 'prepare') {
      const segmentParts = { audio: broker.audio, engines: parts.engines, order, restore };
      const alone = lease.attempt > 1 || blame.isSuspect(lease.id);
      const once = (stop: AbortSignal): Promise<JobOutcome> => {
        const working =
          body.type === 'live' ? hear(body, alone, segmentParts, stop) : transcribe(body, alone, segmentParts, stop);
        return working.catch((error: unknown) => {
          if (error instanceof NotNow) blame.together(lease);
          else if (isCrash(error) && !blame.alone(lease)) throw new NotNow(millis(0));
          throw error;
        });
      };
      return lease.jobClass === 'batch' ? background.run(once, signal) : once(signal);
    }
    if (held.prepare > MAX_OPEN_FILES) throw new NotNow(BREATHER);
    // It may wait for segments to be transcribed, and must not keep them from it.
    leaveSlot();
    const jobLog = log.with({ sessionId: lease.session });
    const isAside = (): boolean => lease.jobClass === 'batch' && background.isAside();
    return prepare({ ...lease, body }, { ...parts, log: jobLog, decoders, isAside }, signal);
  }

  async function run(lease: Lease<WorkerJob>, decoders: Places, leaveSlot: () => void): Promise<void> {
    const { type } = lease.body;
    const since = clock.now();
    const jobLog = log.with({ sessionId: lease.session, jobId: lease.id });
    held[type]++;
    const calm = lease.jobClass === 'batch' ? undefined : background.urgent();
    try {
      waited.observe(Math.max(0, broker.now() - lease.enqueuedAt) / 1000, { class: lease.jobClass });
      const leaseParts = { broker, clock, log: jobLog, extendEvery, stop: giveBack.signal };
      const end = await holdLease(
        lease,
        async (signal) => {
          const outcome = await work(lease, decoders, leaveSlot, signal);
          countTokens(lease.body, outcome);
          return outcome;
        },
        leaseParts,
      );
      if (end !== 'returned' && end !== 'retried') blame.forget(lease.id);
      const seconds = (clock.now() - since) / 1000;
      ended.add(1, { kind: type, class: lease.jobClass, end });
      worked.observe(seconds, { kind: type });
      jobLog.debug('job ended', {
        kind: type,
        end,
        attempt: lease.attempt,
        seconds,
      });
    } finally {
      held[type]--;
      calm?.();
      leaveSlot();
    }
  }

  async function serve(lane: Lane): Promise<void> {
    const slots = places(lane.slots);
    const decoders = places(lane.decoders);
    const { signal } = stopping;
    for (;;) {
      const leaveSlot = await slots.take(signal).catch(() => undefined);
      if (leaveSlot === undefined) return;
      try {
        const lease = await broker.jobs.claim({ worker: name, classes: lane.classes, wait: CLAIM_WAIT, signal });
        if (lease === null) {
          leaveSlot();
          continue;
        }
        const running = run(lease, decoders, leaveSlot).finally(() => underWay.delete(running));
        underWay.add(running);
      } catch (error) {
        leaveSlot();
        const { code } = asScriptoriumError(error, 'storage-failed');
        if (code === 'broker-closed') return;
        log.error('no job could be claimed', { code });
        await pause(clock, BREATHER, signal).catch(() => undefined);
      }
    }
  }

  const serving = Promise.all(lanes.map(serve));
  let stopped: Promise<void> | undefined;

  async function drain(deadline: AbortSignal): Promise<void> {
    const giveUp = (): void => giveBack.abort();
    if (deadline.aborted) giveUp();
    else deadline.addEventListener('abort', giveUp, { once: true });
    stopping.abort();
    await serving;
    await Promise.all(underWay);
    deadline.removeEventListener('abort', giveUp);
  }
  return {
    held: () => ({ ...held }),
    stop: (deadline) => (stopped ??= drain(deadline)),
  };
}
