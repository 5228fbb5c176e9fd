import type { Clock, Lease } from '../core/index.ts';

/** Tells whether a job is to blame for the death of an engine that had nothing else in hand. */
export interface Blame {
  /** An engine died with the job and others in it: nobody's fault yet, but tried alone from now on. */
  together(job: Pick<Lease<unknown>, 'id' | 'session'>): void;
  /** Whether an engine has died with it. */
  isSuspect(id: string): boolean;
  /** An engine died with the job alone in it. @returns whether that counts against it. */
  alone(job: Pick<Lease<unknown>, 'id' | 'session'>): boolean;
  /** The job has ended. */
  forget(id: string): void;
}

/** Deaths so close are one: it takes all children of a machine at once, or all segments of one child. */
const ONE_MOMENT_MS = 1000;
/** Deaths so long ago tell nothing of what kills engines now. */
const LATELY_MS = 60_000;
/** Deaths that a job is forgiven; then they count whatever else dies. */
const MAX_FORGIVEN = 10;
/** Jobs that are remembered. */
const MAX_KNOWN = 1000;

/** Deaths at one time, and the sessions whose jobs were in the engines. */
interface Moment {
  readonly at: number;
  readonly sessions: Set<string>;
}

/**
 * A job that kills engines does so while others work. Where engines died lately without any job of its session in them, something else kills
 * them (the system, short of memory; an operator), and as many of its deaths are forgiven, up to a bound.
 */
export function createBlame(clock: Clock): Blame {
  /** Ascending; one a second at most. */
  let moments: readonly Moment[] = [];
  /** How often each was forgiven. */
  const jobs = new Map<string, number>();

  /** @returns the moments before this one. */
  function died(session: string): readonly Moment[] {
    const now = clock.now();
    moments = moments.filter(({ at }) => now - at < LATELY_MS);
    const last = moments.at(-1);
    if (last === undefined || now - last.at >= ONE_MOMENT_MS) {
      moments = [...moments, { at: now, sessions: new Set([session]) }];
    } else last.sessions.add(session);
    return moments.slice(0, -1);
  }
  function remember(id: string, forgiven: number): void {
    jobs.delete(id);
    jobs.set(id, forgiven);
    const [oldest] = jobs.keys();
    if (jobs.size > MAX_KNOWN && oldest !== undefined) jobs.delete(oldest);
  }

  return {
    together({ id, session }) {
      died(session);
      remember(id, jobs.get(id) ?? 0);
    },
    alone({ id, session }) {
      const before = died(session);
      const forgiven = jobs.get(id) ?? 0;
      const elsewhere = before.filter(({ sessions }) => !sessions.has(session)).length;
      const isForgiven = forgiven < Math.min(MAX_FORGIVEN, elsewhere);
      remember(id, forgiven + (isForgiven ? 1 : 0));
      return !isForgiven;
    },
    isSuspect: (id) => jobs.has(id),
    forget: (id) => void jobs.delete(id),
  };
}
