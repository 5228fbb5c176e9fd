import { line, type Waiting } from './line.ts';
import { timeline } from './timeline.ts';

/** A job as it will come; times in milliseconds from the start of the run. */
export interface PlannedJob extends Waiting {
  readonly at: number;
  /** What the engine takes for it. */
  readonly serviceMs: number;
}

/** A worker is held by a job from its lease on: while it fetches the sound, while the engine works, and while the result is settled. */
export interface SimulatedSite {
  /** Each has one job at a time. */
  readonly workers: number;
  /** From the moment that a job and a free worker are there to the lease. */
  readonly leaseMs: number;
  /** From the lease to the engine's work. */
  readonly fetchMs: number;
  /** From the end of that work to where the result is seen; the worker is free by then. */
  readonly settleMs: number;
}

/** What the broker costs in a simulation that asks what is possible at all. */
export const NO_OVERHEAD = { leaseMs: 0, fetchMs: 0, settleMs: 0 } as const;

/** What became of a job: another took its place, or it was done. */
export type JobFate<J> =
  | { readonly job: J; readonly end: 'superseded' }
  | { readonly job: J; readonly end: 'done'; readonly leasedAt: number; readonly doneAt: number };

export interface Simulated<J> {
  /** In the order of their ends. */
  readonly fates: readonly JobFate<J>[];
  /** Of all workers together, from lease to settled. */
  readonly busyMs: number;
  /** When the last job ended. */
  readonly endedAt: number;
  /** The integral of jobs that wait over time, ms: over `endedAt`, their mean number. */
  readonly waitingMs: number;
}

type Step<J> = { readonly type: 'put'; readonly job: J } | { readonly type: 'free' };

/**
 * A discrete-event simulation of a pull queue: jobs come as planned, free workers take them in the line's order, and nobody
 * idles while something waits. Pure: the same jobs give the same fates. O(n log n).
 *
 * @param jobs in any order.
 */
export function simulate<J extends PlannedJob>(jobs: readonly J[], site: SimulatedSite): Simulated<J> {
  const { workers, leaseMs, fetchMs, settleMs } = site;
  const steps = timeline<Step<J>>();
  for (const job of jobs) steps.add(job.at, { type: 'put', job });
  const waiting = line<J>();
  const fates: JobFate<J>[] = [];
  let free = workers;
  let busyMs = 0;
  let waitingMs = 0;
  let endedAt = 0;
  let last = 0;
  for (let step = steps.next(); step !== undefined; step = steps.next()) {
    const { at, what } = step;
    waitingMs += waiting.size() * (at - last);
    last = at;
    if (what.type === 'free') free++;
    else {
      const old = waiting.put(what.job);
      if (old !== undefined) fates.push({ job: old, end: 'superseded' });
    }
    while (free > 0) {
      const job = waiting.take();
      if (job === undefined) break;
      free--;
      const leasedAt = at + leaseMs;
      const doneAt = leasedAt + fetchMs + job.serviceMs + settleMs;
      fates.push({ job, end: 'done', leasedAt, doneAt });
      busyMs += doneAt - at;
      endedAt = Math.max(endedAt, doneAt);
      steps.add(doneAt, { type: 'free' });
    }
  }
  return { fates, busyMs, endedAt, waitingMs };
}
