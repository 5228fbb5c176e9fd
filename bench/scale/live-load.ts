/** Live speech on many workers, measured and simulated: the same jobs at the same times. */
import { quantile } from '../measure/statistics.ts';
import type { MeasuredRedis } from '../broker/redis.ts';
import { MADE_UP_COSTS, type Costs } from './costs.ts';
import { measureRun, type MeasuredJob } from './measure-run.ts';
import { seeded } from './random.ts';
import { NO_OVERHEAD, simulate, type SimulatedSite } from './simulate.ts';
import { speakers, type MadeJob } from './workload.ts';

export interface Delays {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface LiveLoad {
  readonly sessions: number;
  readonly workers: number;
  /** Engine time that was asked for, of all that the workers have. */
  readonly load: number;
  readonly jobsASecond: number;
  /** From the end of speech to the result of a final. */
  readonly measured: Delays;
  /** Of a queue that costs nothing. */
  readonly ideal: Delays;
  /** With what lease, fetch and commit took in the mean. */
  readonly predicted: Delays;
  readonly superseded: number;
  readonly supersededIdeal: number;
  readonly slipMs: number;
  readonly overhead: Omit<SimulatedSite, 'workers'>;
}

export const delaysOf = (delays: readonly number[]): Delays => ({
  p50: quantile(delays, 0.5),
  p95: quantile(delays, 0.95),
  p99: quantile(delays, 0.99),
});

/** Finals that a simulated site gives. */
export function simulatedDelays(
  jobs: readonly MadeJob[],
  site: SimulatedSite,
): Delays & { readonly superseded: number } {
  const { fates } = simulate(jobs, site);
  const finals = fates.flatMap((fate) =>
    fate.end === 'done' && fate.job.jobClass === 'final' ? [fate.doneAt - fate.job.at] : [],
  );
  return { ...delaysOf(finals), superseded: fates.filter(({ end }) => end === 'superseded').length };
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** What a job costs beside the engine. A lease's own time is seen where nobody had to wait: the quickest tenth. */
function overheadOf(done: readonly MeasuredJob<MadeJob>[]): Omit<SimulatedSite, 'workers'> {
  const leases = done.map(({ job, leasedAt }) => leasedAt - job.at);
  const atOnce = quantile(leases, 0.1);
  return {
    leaseMs: atOnce,
    fetchMs: mean(done.map(({ leasedAt, fetchedAt }) => fetchedAt - leasedAt)),
    settleMs:
      mean(done.map(({ workedAt, settledAt }) => settledAt - workedAt)) +
      mean(done.map(({ job, fetchedAt, workedAt }) => Math.max(0, workedAt - fetchedAt - job.serviceMs))),
  };
}

export async function measureLiveLoad(
  redis: MeasuredRedis,
  {
    sessions,
    workers,
    seconds,
    costs = MADE_UP_COSTS,
  }: { sessions: number; workers: number; seconds: number; costs?: Costs },
): Promise<LiveLoad> {
  const untilMs = seconds * 1000;
  const name = `live-${sessions}-${workers}`;
  const jobs = speakers({ sessions, untilMs, costs, random: seeded(sessions), name, tenants: 8 });
  const { done, superseded, slipMs } = await measureRun(redis, jobs, workers);
  const finals = done.flatMap(({ job, settledAt }) => (job.jobClass === 'final' ? [settledAt - job.at] : []));
  const overhead = overheadOf(done);
  const { superseded: supersededIdeal, ...ideal } = simulatedDelays(jobs, { workers, ...NO_OVERHEAD });
  const predicted = simulatedDelays(jobs, { workers, ...overhead });
  return {
    sessions,
    workers,
    load: jobs.reduce((sum, { serviceMs }) => sum + serviceMs, 0) / (workers * untilMs),
    jobsASecond: jobs.length / seconds,
    measured: delaysOf(finals),
    ideal,
    predicted,
    superseded,
    supersededIdeal,
    slipMs,
    overhead,
  };
}

export function meanOverhead(runs: readonly LiveLoad[]): Omit<SimulatedSite, 'workers'> {
  const over = runs.map(({ overhead }) => overhead);
  return {
    leaseMs: mean(over.map(({ leaseMs }) => leaseMs)),
    fetchMs: mean(over.map(({ fetchMs }) => fetchMs)),
    settleMs: mean(over.map(({ settleMs }) => settleMs)),
  };
}
