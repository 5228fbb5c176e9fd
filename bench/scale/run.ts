/**
 * `npm run bench:scale`: from one worker to 64, and what follows for more. Writes docs/scaling.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { startMeasuredRedis } from '../broker/redis.ts';
import { machineLine } from '../measure/machine.ts';
import { measureEngine } from './engine-costs.ts';
import { measureKneeStep } from './knee.ts';
import { measureSessionCost } from './live-cost.ts';
import { meanOverhead, measureLiveLoad } from './live-load.ts';
import { storeSound } from './measure-run.ts';
import { carriedBy, workersFor } from './needs.ts';
import { scalePage } from './page.ts';
import { measureFairness, measureThroughput } from './throughput.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OUT = join(ROOT, 'docs/scaling.md');
const WORKERS = [1, 2, 4, 8, 16, 32, 64];
const LIVE_WORKERS = 16;
/** 70 % and 87 % of what they can. */
const LIVE_SESSIONS = [56, 72];
const RATES = [50, 100, 200, 300, 400];
const SESSIONS = 30;
const MANY_SESSIONS = 20_000;
const say = (line: string): void => console.error(line);

async function told<R>(running: Promise<R>): Promise<R> {
  const result = await running;
  say(JSON.stringify(result));
  return result;
}

async function inTurn<T, R>(all: readonly T[], run: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const one of all) results.push(await told(run(one)));
  return results;
}

await using redis = await startMeasuredRedis();
await storeSound(redis.url);
const throughput = await inTurn(WORKERS, (workers) => measureThroughput(redis, workers, 15));
const fairness = await told(measureFairness(redis, 16, 20));
const live = await inTurn(LIVE_SESSIONS, (sessions) =>
  measureLiveLoad(redis, { sessions, workers: LIVE_WORKERS, seconds: 90 }),
);
const overhead = meanOverhead(live);
const knee = await inTurn(RATES, (rate) => measureKneeStep(redis, rate, 10));
const session = await told(measureSessionCost(SESSIONS, 30));
const home = join(ROOT, '.bench');
mkdirSync(home, { recursive: true });
const engine = await told(measureEngine(home));
const page = scalePage({
  throughput,
  fairness,
  live,
  knee,
  session,
  engine,
  thousand: carriedBy(1000, [0.7, 0.85, 0.95], engine, overhead),
  many: workersFor(MANY_SESSIONS, engine, overhead),
  version: redis.version,
  machine: machineLine(),
  date: new Date(),
});
writeFileSync(OUT, await format(page, { parser: 'markdown', printWidth: 120 }));
say(`written: ${OUT}`);
