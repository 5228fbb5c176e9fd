/** A run of planned jobs on a real Redis: put by this process when they are due, done by simulated workers in others. */
import { openRedisBroker } from '../../src/brokers/index.ts';
import type { Broker, JobSpec, WorkerJob } from '../../src/core/index.ts';
import { DEFAULT_DECODE_OPTIONS, JOBS_VERSION, millis, samples } from '../../src/core/index.ts';
import type { MeasuredRedis, RedisFigures } from '../broker/redis.ts';
import { benchClock, blobsOf, sharedNow } from './messages.ts';
import { startWorkerHosts } from './worker-hosts.ts';
import type { MadeJob } from './workload.ts';

/** All times in milliseconds from the start of the run. */
export interface MeasuredJob<J> {
  readonly job: J;
  readonly leasedAt: number;
  readonly fetchedAt: number;
  readonly workedAt: number;
  /** Its result is committed. */
  readonly settledAt: number;
}

export interface MeasuredRun<J> {
  /** Those that were done; another took the place of the rest. */
  readonly done: readonly MeasuredJob<J>[];
  readonly superseded: number;
  readonly seconds: number;
  /** Of Redis, in the run. */
  readonly redis: RedisFigures;
  /** How late a job was put at worst. */
  readonly slipMs: number;
}

const SOUNDS = 16;
const SOUND_SECONDS = 30;
const RATE = 16_000;
const PUTS_AT_ONCE = 64;
const LOOK_EVERY_MS = 50;
/** What a queue tells of itself may be two seconds old. */
const CALM_LOOKS = 60;
/** Without an end in so long something is wrong. */
const PATIENCE_MS = 120_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

const soundOf = (number: number): string => `sound-${number % SOUNDS}`;

/** What workers fetch: sound of the length that speech has, in every shard. */
export async function storeSound(url: string): Promise<void> {
  await withBroker(url, async ({ audio }) => {
    const pcm = Int16Array.from({ length: SOUND_SECONDS * RATE }, (_sample, at) => (at * 2_654_435) % 20_011);
    for (let sound = 0; sound < SOUNDS; sound++) {
      for (let second: number = await audio.end(soundOf(sound), 0); second < pcm.length; second += RATE) {
        await audio.append(soundOf(sound), 0, samples(second), pcm.subarray(second, second + RATE));
      }
    }
  });
}

async function withBroker<T>(url: string, use: (broker: Broker) => Promise<T>): Promise<T> {
  const broker = await openRedisBroker({ url, blobs: blobsOf(url), clock: benchClock });
  try {
    return await use(broker);
  } finally {
    await broker[Symbol.asyncDispose]();
  }
}

const specOf = (job: MadeJob, number: number): JobSpec<WorkerJob> => ({
  id: job.id,
  session: job.session,
  tenant: job.tenant,
  jobClass: job.jobClass,
  slot: job.slot,
  revision: job.revision,
  ...(job.supersedes !== undefined && { supersedeKey: job.supersedes }),
  body: {
    v: JOBS_VERSION,
    type: 'transcribe',
    session: soundOf(number),
    channel: 0,
    segment: number,
    from: samples(0),
    to: samples(Math.round(Math.min(SOUND_SECONDS, job.seconds) * RATE)),
    speech: [],
    model: 'tiny.en',
    options: { ...DEFAULT_DECODE_OPTIONS, seed: Math.round(job.serviceMs * 1000) },
  },
});

/** Takes outcomes as an aggregator does, so that Redis has its work with them; nothing is made of them. */
async function takeOutcomes(broker: Broker, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const taken = await broker.results.take({ consumer: 'bench', limit: 64, wait: millis(1000), signal });
    if (taken.length > 0) await broker.results.done(taken.map(({ id }) => id));
  }
}

async function putOne({ jobs }: Broker, spec: JobSpec<WorkerJob>): Promise<void> {
  const answer = await jobs.put(spec);
  if (answer !== 'queued') throw new Error(`job ${spec.id} was ${answer}`);
}

async function putAll(broker: Broker, jobs: readonly MadeJob[], begun: number): Promise<number> {
  let slipMs = 0;
  const puts = new Set<Promise<void>>();
  for (const [number, job] of jobs.entries()) {
    const early = begun + job.at - sharedNow();
    if (early > 0) await pause(early);
    else if (job.at > 0) slipMs = Math.max(slipMs, -early);
    const put: Promise<void> = putOne(broker, specOf(job, number)).finally(() => puts.delete(put));
    puts.add(put);
    if (puts.size >= PUTS_AT_ONCE) await Promise.race(puts);
  }
  await Promise.all(puts);
  return slipMs;
}

async function untilEmpty({ jobs }: Broker): Promise<void> {
  const deadline = sharedNow() + PATIENCE_MS;
  for (let calm = 0; calm < CALM_LOOKS; await pause(LOOK_EVERY_MS)) {
    const { classes, leased } = jobs.stats();
    const isEmpty = leased === 0 && Object.values(classes).every(({ depth }) => depth === 0);
    calm = isEmpty ? calm + 1 : 0;
    if (sharedNow() > deadline) throw new Error('jobs are left that nobody does');
  }
}

/**
 * @param jobs in any order; ids are of this run alone. Those that are due at 0 wait when the workers come: time begins with them.
 */
export function measureRun<J extends MadeJob>(
  redis: MeasuredRedis,
  jobs: readonly J[],
  workers: number,
): Promise<MeasuredRun<J>> {
  return withBroker(redis.url, async (broker) => {
    const byId = new Map(jobs.map((job) => [job.id, job]));
    const sorted = jobs.toSorted((a, b) => a.at - b.at);
    const before = await redis.figures();
    const stop = new AbortController();
    const taking = takeOutcomes(broker, stop.signal);
    const early = sorted.filter(({ at }) => at === 0);
    await putAll(broker, early, sharedNow());
    const hosts = await startWorkerHosts(redis.url, workers);
    const begun = sharedNow();
    const slipMs = await putAll(broker, sorted.slice(early.length), begun);
    await untilEmpty(broker);
    const worked = await hosts.stop();
    stop.abort();
    await taking;
    const after = await redis.figures();
    const done = worked.flatMap(({ id, leased, fetched, worked: workedAt, settled }) => {
      const job = byId.get(id);
      if (job === undefined) return [];
      const [leasedAt, fetchedAt] = [leased - begun, fetched - begun];
      return [{ job, leasedAt, fetchedAt, workedAt: workedAt - begun, settledAt: settled - begun }];
    });
    return {
      done,
      superseded: jobs.length - done.length,
      seconds: Math.max(...done.map(({ settledAt }) => settledAt)) / 1000,
      redis: {
        cpuSeconds: after.cpuSeconds - before.cpuSeconds,
        bytesIn: after.bytesIn - before.bytesIn,
        bytesOut: after.bytesOut - before.bytesOut,
        scripts: after.scripts - before.scripts,
      },
      slipMs,
    };
  });
}
