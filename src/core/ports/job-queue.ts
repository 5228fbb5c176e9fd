/** The job queue port: who does which piece of work next, and who owns it until it is done. */
import type { Millis } from '../units.ts';

/**
 * In strict order, first the most urgent: `final` and `partial` belong to live speech, `interactive` to files that
 * somebody waits for, `batch` to everything else. Of any `LOW_EVERY` jobs handed out, each lower class that waits all the while gets one.
 */
export type JobClass = 'final' | 'partial' | 'interactive' | 'batch';

/**
 * What is asked of a queue. `Body` is plain JSON, at most `MAX_JOB_BYTES` as text: audio stays in its store and the
 * body names it.
 */
export interface JobSpec<Body> {
  /** Unique, and the same for the same work: a second `put` of it is a `duplicate`. */
  readonly id: string;
  /** The transcription or live session that the job works for. */
  readonly session: string;
  /** Whose turn it takes: tenants of one class go round robin. */
  readonly tenant: string;
  readonly jobClass: JobClass;
  readonly body: Body;
  /** What the result is of, in its session: `prepare`, or channel and segment. Results are unique in it by revision. */
  readonly slot: string;
  /** Rises when the same slot is worked on again; 1 for work that is done once. */
  readonly revision: number;
  /** A newer job of the same key takes the place of one that waits, and flags one that is under way. */
  readonly supersedeKey?: string;
  /** Broker time after which nobody needs it: dropped when its turn comes. */
  readonly notAfter?: Millis;
  /** Not handed out before this much time has passed. */
  readonly delay?: Millis;
  /** How often it may be handed out before it is a dead letter; `DEFAULT_ATTEMPTS` unless told. */
  readonly maxAttempts?: number;
}

/** How often a lower class goes before a higher one. */
export const LOW_EVERY = 8;

/** 512 KiB of JSON, as UTF-8: room for the longest prompt and list of keywords that may be asked for. */
export const MAX_JOB_BYTES = 524_288;

/** A job may take two workers down; the third shows that the job is at fault. */
export const DEFAULT_ATTEMPTS = 3;

/** One job, owned by one worker until it is settled or its deadline passes. */
export interface Lease<Body> {
  readonly id: string;
  /** Grows with every lease that a broker ever gave, across restarts: a late owner is told apart by it. */
  readonly token: number;
  /** 1 at first; never above `maxAttempts`. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly session: string;
  readonly tenant: string;
  readonly jobClass: JobClass;
  readonly slot: string;
  readonly revision: number;
  /** Broker time. */
  readonly enqueuedAt: Millis;
  readonly body: Body;
}

/** What proves that one owns a lease. */
export type LeaseProof = Pick<Lease<unknown>, 'id' | 'token'>;

export interface ClaimOptions {
  /** Who asks; for logs and `stats`. */
  readonly worker: string;
  /** All of them unless told. */
  readonly classes?: readonly JobClass[];
  /** How long to wait for a job; 0 asks once. */
  readonly wait: Millis;
  readonly signal?: AbortSignal;
}

export interface NackOptions {
  readonly delay?: Millis;
  /** `false` when the job is not at fault (the worker stops): the attempt doesn't count. */
  readonly countAttempt?: boolean;
  /** Makes it a dead letter at once. */
  readonly dead?: boolean;
  /** Kept with a dead letter. Never speech. */
  readonly reason?: string;
}

export interface ClassStats {
  /** Jobs that wait, for their turn or a delay, or are leased. */
  readonly depth: number;
  readonly limit: number;
  /** Age of the oldest of them; 0 without any. */
  readonly oldest: Millis;
}

export interface QueueStats {
  readonly classes: Readonly<Record<JobClass, ClassStats>>;
  /** Gauges. */
  readonly leased: number;
  readonly delayed: number;
  readonly dead: number;
  /** Counters since the broker was opened. */
  readonly superseded: number;
  readonly expired: number;
  readonly leasesLost: number;
}

export interface DeadLetter {
  readonly id: string;
  readonly session: string;
  readonly tenant: string;
  readonly reason: string;
  readonly attempts: number;
  /** Broker time. */
  readonly at: Millis;
}

/**
 * At-least-once delivery of jobs under leases with fencing tokens. First in, first out within a tenant of a class, on the
 * first attempt; a job that comes back goes first. Nothing else is promised about order.
 */
export interface JobQueue<Body> {
  /**
   * Takes a job; the body is copied. Resolves with `queued` once a crash can no longer lose it (`final` and `partial` may live
   * in memory, as their speaker's connection does). `duplicate`: the id is known, done a short while ago, or its slot has a
   * result of that revision. `full`: the class is at its limit and nothing was changed.
   */
  put(job: JobSpec<Body>): Promise<'queued' | 'duplicate' | 'full'>;
  /** The next job, or null when none came in time, `signal` aborted, or the broker closes. One job a call; no prefetch. */
  claim(options: ClaimOptions): Promise<Lease<Body> | null>;
  /**
   * Starts the lease anew from now. `superseded` and `cancelled` say that nobody wants the result: stop and settle;
   * `lost`: another may own it by now, drop everything.
   */
  extend(lease: LeaseProof): Promise<'ok' | 'superseded' | 'cancelled' | 'lost'>;
  /** Done, never handed out again. `false`: the lease was lost, and nothing changed. */
  ack(lease: LeaseProof): Promise<boolean>;
  /** Gives the job back: first in line, or after a delay, or a dead letter when no attempt is left. `false` as `ack`. */
  nack(lease: LeaseProof, options?: NackOptions): Promise<boolean>;
  /** `removed` while it waits; `signalled` while it is leased (`extend` tells its worker); `unknown` otherwise. */
  cancel(id: string): Promise<'removed' | 'signalled' | 'unknown'>;
  /** Cancels every job of a session; resolves with how many there were. */
  cancelSession(session: string): Promise<number>;
  /** Whether any job of a session waits, for its turn or a delay, or is leased. */
  isWorkedOn(session: string): Promise<boolean>;
  /** Jobs that will be handed out before the session's first waiting one; undefined when none waits. An estimate. */
  position(session: string): number | undefined;
  stats(): QueueStats;
  /** Dead letters, newest first; they are kept for a day, a bounded number of them. */
  dead(limit: number): Promise<readonly DeadLetter[]>;
  /** Puts a dead letter back in line with all its attempts; `false` when there is none. */
  requeueDead(id: string): Promise<boolean>;
}
