/**
 * `npm run bench:broker`: what the queue costs on Redis, on this machine. A putter and takers on connections of their own, jobs by
 * reference, a real Redis with `appendfsync everysec`. Writes docs/benchmarks-broker.md.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { openRedisBroker } from '../../src/brokers/index.ts';
import type { Broker, JobSpec, WorkerJob } from '../../src/core/index.ts';
import { DEFAULT_DECODE_OPTIONS, JOBS_VERSION, millis, samples } from '../../src/core/index.ts';
import { machineLine } from '../measure/machine.ts';
import { measureSlowdowns, slowdownsLine } from '../measure/slowdowns.ts';
import { quantile } from '../measure/statistics.ts';
import { measureAfterChildDeath } from './after-child-death.ts';
import { measureAfterDeath } from './after-death.ts';
import { measureAfterRestart } from './after-restart.ts';
import { benchClock, blobsOf } from '../scale/messages.ts';
import { brokerPage, type BrokerRun } from './page.ts';
import { startMeasuredRedis, type MeasuredRedis } from './redis.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const OUT = fileURLToPath(new URL('../../docs/benchmarks-broker.md', import.meta.url));
const TAKERS = 4;
const BACKLOG = 50_000;
const SECONDS = 20;
/** At 20 jobs a second, so that 1 % of them are a dozen. */
const CALM_SECONDS = 60;
/** Connections open, scripts load and code is compiled while the queue is already at work: not counted. */
const WARM_UP_SECONDS = 5;
/** As a site has it. */
const LEASE_MS = 15_000;
const say = (line: string): void => console.error(line);
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

const jobOf = (number: number, jobClass: 'final' | 'batch'): JobSpec<WorkerJob> => ({
  id: `${jobClass}-${number}`,
  session: `session-${number % 200}`,
  tenant: `tenant-${number % 20}`,
  jobClass,
  slot: `${jobClass}/${number}`,
  revision: 1,
  body: {
    v: JOBS_VERSION,
    type: 'transcribe',
    session: `session-${number % 200}`,
    channel: 0,
    segment: number,
    from: samples(0),
    to: samples(160_000),
    speech: [],
    model: 'tiny.en',
    options: DEFAULT_DECODE_OPTIONS,
  },
});

/** Takes finals until it is stopped, and tells when each came. */
async function take(broker: Broker, signal: AbortSignal, came: (id: string) => void): Promise<void> {
  while (!signal.aborted) {
    const lease = await broker.jobs.claim({ worker: 'bench', classes: ['final'], wait: millis(1000), signal });
    if (lease === null) continue;
    came(lease.id);
    await broker.jobs.ack(lease);
  }
}

/**
 * @param rate puts a second; as fast as they are answered, eight at once, when undefined.
 * @param countedSeconds how long it is measured, after the warm-up.
 */
async function run(
  redis: MeasuredRedis,
  rate: number | undefined,
  first: number,
  name: string,
  countedSeconds = SECONDS,
): Promise<BrokerRun> {
  const open = (): Promise<Broker> => openRedisBroker({ url: redis.url, blobs: blobsOf(redis.url), clock: benchClock });
  const [putter, taker] = [await open(), await open()];
  const stop = new AbortController();
  const putAt = new Map<string, number>();
  const waits: number[] = [];
  const begun = performance.now();
  const countedFrom = begun + WARM_UP_SECONDS * 1000;
  let taken = 0;
  const takers = Array.from({ length: TAKERS }, () =>
    take(taker, stop.signal, (id) => {
      taken++;
      const put = putAt.get(id) ?? 0;
      if (put >= countedFrom) waits.push(performance.now() - put);
    }),
  );
  const warm = pause(WARM_UP_SECONDS * 1000).then(async () => ({ taken, cpu: await redis.cpuSeconds() }));
  let number = first;
  const putNext = async (): Promise<void> => {
    const job = jobOf(number++, 'final');
    putAt.set(job.id, performance.now());
    // A full queue is asked again.
    while ((await putter.jobs.put(job)) === 'full') await pause(1);
  };
  const isOver = (): boolean => performance.now() - countedFrom > countedSeconds * 1000;
  if (rate === undefined) {
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        while (!isOver()) await putNext();
      }),
    );
  } else {
    const puts: Promise<void>[] = [];
    for (let i = 0; !isOver(); i++) {
      const early = begun + (i * 1000) / rate - performance.now();
      if (early > 0) await pause(early);
      puts.push(putNext());
    }
    await Promise.all(puts);
  }
  while (taken < number - first) await pause(5);
  const before = await warm;
  const seconds = (performance.now() - countedFrom) / 1000;
  const cpu = (await redis.cpuSeconds()) - before.cpu;
  const jobs = taken - before.taken;
  stop.abort();
  await Promise.all(takers);
  for (const broker of [putter, taker]) await broker[Symbol.asyncDispose]();
  const result = {
    name,
    jobs,
    perSecond: jobs / seconds,
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
    redisMsPerJob: (cpu * 1000) / jobs,
  };
  say(
    `${name}: ${result.perSecond.toFixed(0)}/s, put to lease ${result.p50.toFixed(1)} / ${result.p99.toFixed(1)} ms, Redis ${result.redisMsPerJob.toFixed(3)} ms a job`,
  );
  return result;
}

async function fill(redis: MeasuredRedis): Promise<void> {
  const broker = await openRedisBroker({ url: redis.url, blobs: blobsOf(redis.url), clock: benchClock });
  for (let at = 0; at < BACKLOG; at += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => broker.jobs.put(jobOf(at + index, 'batch'))));
  }
  await broker[Symbol.asyncDispose]();
}

const slowdowns = slowdownsLine(measureSlowdowns());
say(`the machine alone: ${slowdowns}`);
await using redis = await startMeasuredRedis();
const calm = await run(redis, 20, 0, '20 jobs a second', CALM_SECONDS);
const most = await run(redis, undefined, 1_000_000, 'as many as it takes');
const busy = await run(redis, Math.round(most.perSecond * 0.7), 2_000_000, '70 % of that');
await fill(redis);
const deep = await run(
  redis,
  Math.round(most.perSecond * 0.7),
  3_000_000,
  `the same, ${BACKLOG} of a lower class waiting`,
);
await using calmRedis = await startMeasuredRedis();
const afterDeath = await measureAfterDeath(calmRedis.url, LEASE_MS, (number) => jobOf(4_000_000 + number, 'final'));
say(`after a death: ${afterDeath.worstMs.toFixed(0)} ms`);
await using safeRedis = await startMeasuredRedis('always');
const afterRestart = await measureAfterRestart(safeRedis, (number) => jobOf(5_000_000 + number, 'final'));
say(
  `Redis killed: ${afterRestart.lost} of ${afterRestart.put} jobs lost, ${afterRestart.twice} done twice, no lease for ${afterRestart.gapMs.toFixed(0)} ms`,
);
const afterChildDeath = await measureAfterChildDeath(MAIN);
say(
  `an engine killed: leased again after ${afterChildDeath.worstMs} ms, answered after ${afterChildDeath.answeredMs} ms`,
);
const page = brokerPage({
  afterChildDeath,
  afterDeath,
  afterRestart,
  runs: [calm, most, busy, deep],
  warmUpSeconds: WARM_UP_SECONDS,
  version: redis.version,
  machine: machineLine(),
  slowdowns,
  date: new Date(),
});
writeFileSync(OUT, await format(page, { parser: 'markdown', printWidth: 120 }));
say(`written: ${OUT}`);
