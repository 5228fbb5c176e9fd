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
/** Deaths that a job is forgiven; then they count whatever else dies. */
const MAX_FORGIVEN = 10;
/** Jobs and sessions that are remembered. */
const MAX_KNOWN = 1000;

/**
 * A job that kills engines does so while others work. Where, between two deaths of it, engines died with other sessions' jobs in them, something
 * else kills them (the system, short of memory; an operator), and its deaths are forgiven, a few times.
 */
export function createBlame(clock: Clock): Blame {
  let moment = 0;
  let at = -Infinity;
  /** The last moment at which it died, by job, and by session. */
  const jobs = new Map<string, { readonly died: number; readonly forgiven: number }>();
  const sessions = new Map<string, number>();

  function died(): number {
    const now = clock.now();
    if (now - at >= ONE_MOMENT_MS) moment++;
    at = now;
    return moment;
  }
  function remember<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key);
    map.set(key, value);
    const [oldest] = map.keys();
    if (map.size > MAX_KNOWN && oldest !== undefined) map.delete(oldest);
  }
  function othersSince(session: string, since: number): boolean {
    for (const [other, last] of sessions) if (other !== session && last > since && last < moment) return true;
    return false;
  }

  return {
    together({ id, session }) {
      const now = died();
      remember(sessions, session, now);
      remember(jobs, id, { died: now, forgiven: jobs.get(id)?.forgiven ?? 0 });
    },
    alone({ id, session }) {
      const now = died();
      remember(sessions, session, now);
      const { died: before, forgiven } = jobs.get(id) ?? { died: Infinity, forgiven: 0 };
      const isForgiven = forgiven < MAX_FORGIVEN && othersSince(session, before);
      remember(jobs, id, { died: now, forgiven: forgiven + (isForgiven ? 1 : 0) });
      return !isForgiven;
    },
    isSuspect: (id) => jobs.has(id),
    forget: (id) => void jobs.delete(id),
  };
}
