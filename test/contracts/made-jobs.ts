import type { JobQueue, JobSpec, Lease, Millis, WorkerJob } from '../../src/core/index.ts';
import { JOBS_VERSION, millis, samples } from '../../src/core/index.ts';
import { PLAIN } from '../../src/core/testing/made-decoding.ts';

export const bodyOf = (model = 'tiny', prompt = ''): WorkerJob => ({
  v: JOBS_VERSION,
  type: 'transcribe',
  session: 'session',
  channel: 0,
  segment: 0,
  from: samples(0),
  to: samples(16_000),
  speech: [],
  model,
  options: { ...PLAIN, prompt },
});

/** A job of class `batch` whose slot is its id. */
export const jobOf = (id: string, change: Partial<JobSpec<WorkerJob>> = {}): JobSpec<WorkerJob> => ({
  id,
  session: 'session',
  tenant: 'tenant',
  jobClass: 'batch',
  body: bodyOf(),
  slot: id,
  revision: 1,
  ...change,
});

export type Jobs = JobQueue<WorkerJob>;
export type LeaseOf = Lease<WorkerJob>;

/** What is there for a worker now, if anything is. */
export const claim = (jobs: Jobs, wait: Millis = millis(0)): Promise<LeaseOf | null> =>
  jobs.claim({ worker: 'worker', wait });

/** A job that must be there. */
export async function claimed(jobs: Jobs): Promise<LeaseOf> {
  const lease = await claim(jobs);
  if (lease === null) throw new Error('no job is handed out');
  return lease;
}

/** Ids of the next jobs, each acked at once. */
export async function drain(jobs: Jobs, most = 10_000): Promise<readonly string[]> {
  const ids: string[] = [];
  while (ids.length < most) {
    const lease = await claim(jobs);
    if (lease === null) break;
    ids.push(lease.id);
    await jobs.ack(lease);
  }
  return ids;
}

/** Puts jobs one after the other. */
export async function putAll(jobs: Jobs, specs: readonly JobSpec<WorkerJob>[]): Promise<void> {
  for (const spec of specs) {
    const answer = await jobs.put(spec);
    if (answer !== 'queued') throw new Error(`${spec.id} is ${answer}`);
  }
}

/** What a promise has come to by now. */
export function watched<T>(promise: Promise<T>): { readonly promise: Promise<T>; readonly settled: () => boolean } {
  let settled = false;
  const set = (): void => {
    settled = true;
  };
  promise.then(set, set);
  return { promise, settled: () => settled };
}
