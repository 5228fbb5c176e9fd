/** How well many workers keep busy while work waits, and whether its owners get the same. */
import { seeded } from './random.ts';
import { MADE_UP_COSTS } from './costs.ts';
import { jainIndex } from './fairness.ts';
import { measureRun, type MeasuredJob, type MeasuredRun } from './measure-run.ts';
import type { MeasuredRedis } from '../broker/redis.ts';
import { fileSegment, type MadeJob } from './workload.ts';

export interface Throughput {
  readonly workers: number;
  readonly jobsASecond: number;
  /** Share of the workers' time that engines worked, while jobs waited. */
  readonly busy: number;
  readonly redisMsPerJob: number;
  readonly redisKbPerJob: number;
}

const SEGMENT_MS = 634;

/** Jobs that wait from the start, for so long in the mean. */
function backlog(name: string, workers: number, seconds: number, tenantOf: (number: number) => string): MadeJob[] {
  const random = seeded(workers);
  return Array.from({ length: Math.ceil((workers * seconds * 1000) / SEGMENT_MS) }, (_job, number) =>
    fileSegment(`${name}-${number}`, 'batch', tenantOf(number), 0, MADE_UP_COSTS, random),
  );
}

/** Engine time between two moments, as planned: what a timer was late by is not the engine's. */
const engineMs = (done: readonly MeasuredJob<MadeJob>[], from: number, to: number): number =>
  done.reduce((sum, { job, fetchedAt, workedAt }) => {
    const within = Math.max(0, Math.min(workedAt, to) - Math.max(fetchedAt, from));
    return sum + (within / Math.max(1, workedAt - fetchedAt)) * job.serviceMs;
  }, 0);

const lastLease = (done: readonly MeasuredJob<MadeJob>[]): number => Math.max(...done.map(({ leasedAt }) => leasedAt));

export async function measureThroughput(redis: MeasuredRedis, workers: number, seconds: number): Promise<Throughput> {
  const jobs = backlog(`full-${workers}`, workers, seconds, (number) => `tenant-${number % 8}`);
  const { done, redis: used }: MeasuredRun<MadeJob> = await measureRun(redis, jobs, workers);
  const end = lastLease(done);
  const within = done.filter(({ settledAt }) => settledAt <= end).length;
  return {
    workers,
    jobsASecond: (within * 1000) / end,
    busy: engineMs(done, 0, end) / (workers * end),
    redisMsPerJob: (used.cpuSeconds * 1000) / jobs.length,
    redisKbPerJob: (used.bytesIn + used.bytesOut) / jobs.length / 1000,
  };
}

export interface Fairness {
  readonly tenants: number;
  /** Jobs that the greediest put for one of any other. */
  readonly greed: number;
  /** Jain's index of the jobs that each got done while all had some waiting. */
  readonly index: number;
}

/** One puts eight times as much as each of seven others. */
export async function measureFairness(redis: MeasuredRedis, workers: number, seconds: number): Promise<Fairness> {
  const [tenants, greed] = [8, 8];
  const shares = tenants - 1 + greed;
  const tenantOf = (number: number): string => `owner-${Math.max(0, (number % shares) - greed + 1)}`;
  const jobs = backlog(`fair-${workers}`, workers, seconds, tenantOf);
  const { done } = await measureRun(redis, jobs, workers);
  const lastOf = new Map<string, number>();
  for (const { job, leasedAt } of done) lastOf.set(job.tenant, Math.max(leasedAt, lastOf.get(job.tenant) ?? 0));
  const allWaitUntil = Math.min(...lastOf.values());
  const got = [...lastOf.keys()].map(
    (tenant) => done.filter(({ job, leasedAt }) => job.tenant === tenant && leasedAt <= allWaitUntil).length,
  );
  return { tenants, greed, index: jainIndex(got) };
}
