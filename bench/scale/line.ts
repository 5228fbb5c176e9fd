import type { JobClass } from '../../src/core/index.ts';
import { LOW_EVERY } from '../../src/core/index.ts';

/** What the line needs to know of a job. */
export interface Waiting {
  readonly jobClass: JobClass;
  readonly tenant: string;
  /** A newer job of the same key takes the place of one that waits. */
  readonly supersedes?: string;
}

/** Jobs that wait, handed out as the broker promises: strict classes with turns for the lower ones, tenants round robin. */
export interface Line<J extends Waiting> {
  /** @returns the job whose place it takes. */
  put(job: J): J | undefined;
  take(): J | undefined;
  /** Those that wait. */
  size(): number;
}

const ORDER: readonly JobClass[] = ['final', 'partial', 'interactive', 'batch'];

/** Jobs of one tenant and class, first in first out; those whose place was taken are skipped when their turn comes. */
interface Lane<J> {
  readonly jobs: J[];
  next: number;
}

/** An ideal queue: one for all, nothing costs time. */
export function line<J extends Waiting>(): Line<J> {
  const lanes = ORDER.map(() => new Map<string, Lane<J>>());
  const newest = new Map<string, J>();
  const gone = new Set<J>();
  let turn = 0;
  let waiting = 0;

  /** The first of the class's tenants gives one job, and goes last if it has more. */
  function takeOf(place: number): J | undefined {
    const tenants = lanes[place];
    for (const [tenant, lane] of tenants ?? []) {
      tenants?.delete(tenant);
      let job = lane.jobs[lane.next++];
      while (job !== undefined && gone.delete(job)) job = lane.jobs[lane.next++];
      if (lane.next < lane.jobs.length) tenants?.set(tenant, lane);
      if (job !== undefined) return job;
    }
    return undefined;
  }

  return {
    put(job) {
      const { supersedes: key, tenant, jobClass } = job;
      const old = key === undefined ? undefined : newest.get(key);
      if (key !== undefined) newest.set(key, job);
      if (old !== undefined) gone.add(old);
      else waiting++;
      const tenants = lanes[ORDER.indexOf(jobClass)];
      const lane = tenants?.get(tenant);
      if (lane === undefined) tenants?.set(tenant, { jobs: [job], next: 0 });
      else lane.jobs.push(job);
      return old;
    },
    take() {
      if (waiting === 0) return undefined;
      // As the broker's script: turns 2, 4 and 6 of eight begin with a lower class.
      const low = turn % 2 === 0 ? turn / 2 : 0;
      const places = [low, ...ORDER.keys()];
      for (const place of places) {
        const job = takeOf(place);
        if (job === undefined) continue;
        turn = (turn + 1) % LOW_EVERY;
        waiting--;
        if (job.supersedes !== undefined && newest.get(job.supersedes) === job) newest.delete(job.supersedes);
        return job;
      }
      return undefined;
    },
    size: () => waiting,
  };
}
