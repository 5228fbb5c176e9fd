/**
 * The life of a job:
 *
 *   put ─▶ ready ─claim─▶ leased ─ack, commit─▶ gone
 *    │      ▲ ▲             │
 *    └─▶ delayed ◀──────────┤ nack, or its deadline passed, with attempts left
 *                           └─▶ dead ─requeue─▶ ready        with none left, or `dead` asked for
 *
 * - ready: in the line of its tenant and class. Leaves by claim, cancel, a newer job of its key, or `notAfter`.
 * - delayed: in no line until it is due. Leaves by then, cancel, or a newer job of its key.
 * - leased: owned by the worker that holds `token`, until `due`. A `flag` says that nobody wants it any more: it is then gone
 *   rather than ready or dead when its owner loses it or gives it back.
 * - dead: kept apart (`dead-letters.ts`); its id stays known.
 * - gone: its id is known a while longer (`recent-ids.ts`), so that a repeated put is a duplicate.
 *
 * When the process ends, ready and delayed jobs stay as they are. A leased one is ready again and its attempt does not count,
 * but being interrupted so very often makes it dead: it may be what ends the process.
 */
import type { JobClass, Millis } from '../../../core/index.ts';
import type { Shelf } from '../store/op.ts';

export type JobState =
  | { readonly kind: 'ready' }
  | { readonly kind: 'delayed'; readonly due: Millis }
  | {
      readonly kind: 'leased';
      readonly due: Millis;
      readonly token: number;
      readonly worker: string;
      readonly flag?: 'superseded' | 'cancelled';
    };

/** What never changes about a job; its body stands on a shelf. */
export interface JobFacts {
  readonly id: string;
  readonly session: string;
  readonly tenant: string;
  readonly jobClass: JobClass;
  readonly slot: string;
  readonly revision: number;
  readonly supersedeKey?: string;
  readonly notAfter?: Millis;
  readonly maxAttempts: number;
}

export interface Job {
  readonly facts: JobFacts;
  /** Order of arrival. */
  seq: number;
  enqueuedAt: Millis;
  /** How often it was handed out, the lease under way included. */
  attempts: number;
  /** How often the process ended while it was leased. */
  interruptions: number;
  state: JobState;
}

export const JOB_CLASSES: readonly JobClass[] = ['final', 'partial', 'interactive', 'batch'];

/** Live speech ends with the process that its speaker is connected to: its jobs are in memory. */
export const isLive = (jobClass: JobClass): boolean => jobClass === 'final' || jobClass === 'partial';

/** Where what belongs to a job is kept: in memory, or where its session is. */
export type ShelfOf = (facts: Pick<JobFacts, 'jobClass' | 'session'>) => Shelf;

/** A record of T a class. */
export const perClass = <T>(make: (jobClass: JobClass) => T): Record<JobClass, T> => ({
  final: make('final'),
  partial: make('partial'),
  interactive: make('interactive'),
  batch: make('batch'),
});
