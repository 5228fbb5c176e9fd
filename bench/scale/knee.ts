/** Where one Redis, and the machine it shares with workers, begins to be late. */
import { quantile } from '../measure/statistics.ts';
import type { MeasuredRedis } from '../broker/redis.ts';
import { measureRun } from './measure-run.ts';
import type { MadeJob } from './workload.ts';

export interface KneeStep {
  /** Jobs a second. */
  readonly asked: number;
  readonly done: number;
  /** From when it was due to the lease. */
  readonly lease50: number;
  readonly lease99: number;
  /** Of one core. */
  readonly redisBusy: number;
  readonly redisMsPerJob: number;
}

const WORKERS = 64;
const SERVICE_MS = 20;
const SOUND_SECONDS = 5;
/** Processes that have just started are slow: what comes so early is not counted. */
const WARM_MS = 2000;

/** Short jobs at an even pace, each with five seconds of sound to fetch. */
export async function measureKneeStep(redis: MeasuredRedis, asked: number, seconds: number): Promise<KneeStep> {
  const jobs: MadeJob[] = Array.from({ length: asked * seconds }, (_job, number) => ({
    id: `knee-${asked}-${number}`,
    session: `knee-${asked}-${number % 500}`,
    tenant: `tenant-${number % 20}`,
    jobClass: 'final',
    slot: `segment/0/${number}`,
    revision: 1,
    at: 1 + (number * 1000) / asked,
    seconds: SOUND_SECONDS,
    serviceMs: SERVICE_MS,
  }));
  const { done, redis: used, seconds: took } = await measureRun(redis, jobs, WORKERS);
  const leases = done.flatMap(({ job, leasedAt }) => (job.at < WARM_MS ? [] : [leasedAt - job.at]));
  return {
    asked,
    done: done.length / took,
    lease50: quantile(leases, 0.5),
    lease99: quantile(leases, 0.99),
    redisBusy: used.cpuSeconds / took,
    redisMsPerJob: (used.cpuSeconds * 1000) / done.length,
  };
}
