/** What becomes of jobs that come all the while when Redis is killed and started again. */
import { openRedisBroker } from '../../src/brokers/index.ts';
import type { Broker, JobSpec, WorkerJob } from '../../src/core/index.ts';
import { millis } from '../../src/core/index.ts';
import { benchClock, blobsOf } from '../scale/messages.ts';
import type { MeasuredRedis } from './redis.ts';

const PER_SECOND = 60;
const SECONDS = 20;
const KILLED_AT_MS = 8000;
const TAKERS = 4;
/** Whatever is on its way is there by then: a lease that nobody knew of has run out, and its job was done again. */
const LAST_MS = 30_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

export interface AfterRestart {
  readonly perSecond: number;
  /** Puts that were acknowledged. */
  readonly put: number;
  /** Of these, those that nobody did, and those that were done twice. */
  readonly lost: number;
  readonly twice: number;
  /** Longest time between two leases. */
  readonly gapMs: number;
}

/** @param redis one that syncs always. @param jobOf a job whose id has this number. */
export async function measureAfterRestart(
  redis: MeasuredRedis,
  jobOf: (number: number) => JobSpec<WorkerJob>,
): Promise<AfterRestart> {
  const open = (): Promise<Broker> => openRedisBroker({ url: redis.url, blobs: blobsOf(redis.url), clock: benchClock });
  const [putter, taker] = [await open(), await open()];
  const stop = new AbortController();
  const put = new Set<string>();
  const done = new Map<string, number>();
  let leasedAt: number | undefined;
  let gapMs = 0;
  async function take(): Promise<void> {
    while (!stop.signal.aborted) {
      const lease = await taker.jobs
        .claim({ worker: 'bench', classes: ['final'], wait: millis(1000), signal: stop.signal })
        .catch(() => null);
      if (lease === null) continue;
      const now = performance.now();
      if (put.size < PER_SECOND * SECONDS - 1) gapMs = Math.max(gapMs, now - (leasedAt ?? now));
      leasedAt = now;
      if (await taker.jobs.ack(lease)) done.set(lease.id, (done.get(lease.id) ?? 0) + 1);
    }
  }
  async function putOne(job: JobSpec<WorkerJob>): Promise<void> {
    if ((await putter.jobs.put(job)) !== 'full') put.add(job.id);
  }
  const takers = Array.from({ length: TAKERS }, take);
  const begun = performance.now();
  const killing = pause(KILLED_AT_MS).then(() => redis.restart());
  const puts: Promise<void>[] = [];
  for (let number = 0; number < PER_SECOND * SECONDS; number++) {
    await pause(Math.max(0, begun + (number * 1000) / PER_SECOND - performance.now()));
    const job = jobOf(number);
    puts.push(putOne(job));
  }
  await Promise.all([killing, ...puts]);
  const deadline = performance.now() + LAST_MS;
  while (done.size < put.size && performance.now() < deadline) await pause(50);
  stop.abort();
  await Promise.all(takers);
  for (const broker of [putter, taker]) await broker[Symbol.asyncDispose]();
  return {
    perSecond: PER_SECOND,
    put: put.size,
    lost: [...put].filter((id) => !done.has(id)).length,
    twice: [...done.values()].filter((times) => times > 1).length,
    gapMs,
  };
}
