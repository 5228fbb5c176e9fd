/** The result log port: outcomes of jobs on their way from the workers to the aggregator. */
import type { Millis } from '../units.ts';
import type { LeaseProof } from './job-queue.ts';

/** An outcome as its taker sees it. */
export interface CommittedOutcome<Outcome> {
  /** Grows in the order of commits. */
  readonly id: number;
  readonly jobId: string;
  readonly session: string;
  readonly slot: string;
  readonly revision: number;
  /** Which attempt made it. */
  readonly attempt: number;
  /** Broker time of the commit. */
  readonly at: Millis;
  readonly outcome: Outcome;
}

export interface TakeOptions {
  readonly consumer: string;
  readonly limit: number;
  /** How long to wait for the first; 0 asks once. */
  readonly wait: Millis;
  readonly signal?: AbortSignal;
}

/**
 * An outcome is visible at most once per (session, slot, revision), and nothing after one of a class other than `partial`.
 * A job that becomes a dead letter leaves an outcome too (the broker is told how to make it): every job's end is seen.
 */
export interface ResultLog<Outcome> {
  /**
   * Writes the outcome and acks the job in one atomic step. `stale`: the lease was lost, nothing changed. `duplicate`: the slot
   * has a result of this revision or a later one, the job is done and the outcome dropped.
   */
  commit(lease: LeaseProof, outcome: Outcome): Promise<'committed' | 'stale' | 'duplicate'>;
  /**
   * The first outcomes that nobody holds, in order of their commits; empty when none came in time. They are held for the
   * consumer, and handed out again when it has not said `done` within the broker's hold time.
   */
  take(options: TakeOptions): Promise<readonly CommittedOutcome<Outcome>[]>;
  /** They are folded into what they belong to, and never handed out again. Unknown ids are fine. */
  done(ids: readonly number[]): Promise<void>;
  /** Outcomes that nobody has said `done` to. */
  pending(): number;
}
