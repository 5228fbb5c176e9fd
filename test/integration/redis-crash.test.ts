/** Redis that is killed under load and started again. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Broker } from '../../src/core/index.ts';
import { ScriptoriumError, millis } from '../../src/core/index.ts';
import { jobOf } from '../contracts/made-jobs.ts';
import { outcomeOf } from '../contracts/made-sessions.ts';
import { HAS_REDIS, startRedis, type RedisServer } from '../testing/redis-server.ts';
import { openSite } from './testing/redis-site.ts';

const JOBS = 1500;
const SESSIONS = 40;
const PRODUCERS = 4;
const WORKERS = 8;
/** Committed outcomes at which Redis is killed. */
const KILLS = [300, 700, 1100];
const LEASE = millis(1500);
/** How soon a broker that is back must be known to be back. */
const BACK = { interval: 20, timeout: 1000 };

const isOutage = (error: unknown): boolean => error instanceof ScriptoriumError && error.code === 'broker-unreachable';

/** What was answered, and what was seen. */
interface History {
  /** Jobs whose put was acknowledged. */
  readonly put: Set<string>;
  /** How often a commit of a job was acknowledged. */
  readonly committed: Map<string, number>;
  /** Numbers of the outcomes that a job had. */
  readonly seen: Map<string, Set<number>>;
}

/** Calls until Redis answers: an answer that is lost leaves open whether it was done. */
async function insistently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isOutage(error)) throw error;
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
  }
}

async function produce({ jobs }: Broker, history: History, first: number): Promise<void> {
  for (let index = first; index < JOBS; index += PRODUCERS) {
    const id = `job-${index}`;
    await insistently(() => jobs.put(jobOf(id, { session: `session-${index % SESSIONS}`, maxAttempts: 20 })));
    history.put.add(id);
  }
}

async function work({ jobs, results }: Broker, history: History, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const lease = await insistently(() => jobs.claim({ worker: 'worker', wait: millis(200) }));
    if (lease === null) continue;
    const answer = await results.commit(lease, outcomeOf(lease.id)).catch((error: unknown) => {
      if (isOutage(error)) return 'unknown';
      throw error;
    });
    if (answer === 'committed') history.committed.set(lease.id, (history.committed.get(lease.id) ?? 0) + 1);
  }
}

async function collect({ results }: Broker, history: History, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const asked = { consumer: 'aggregator', limit: 50, wait: millis(200) };
    const taken = await insistently(() => results.take(asked));
    for (const { id, jobId } of taken) history.seen.set(jobId, (history.seen.get(jobId) ?? new Set()).add(id));
    await insistently(() => results.done(taken.map(({ id }) => id)));
  }
}

async function killNowAndThen(server: RedisServer, history: History): Promise<void> {
  for (const count of KILLS) {
    while (history.committed.size < count) await new Promise((resolve) => void setTimeout(resolve, 2));
    await server.kill();
    await server.start();
  }
}

describe.skipIf(!HAS_REDIS)('on a real Redis that writes what it does to its disk', () => {
  test('loses nothing that was acknowledged, and commits nothing twice, though it is killed under load', async () => {
    const server = await startRedis(['--appendonly', 'yes']);
    onTestFinished(() => server.stop());
    const options = { url: server.url, bounds: { lease: LEASE, hold: LEASE } };
    const [gateway, worker] = [await openSite(options), await openSite(options)];
    const history: History = { put: new Set(), committed: new Map(), seen: new Map() };
    const isOver = (): boolean => history.seen.size === JOBS;

    await Promise.all([
      ...Array.from({ length: PRODUCERS }, (_, first) => produce(gateway, history, first)),
      ...Array.from({ length: WORKERS }, () => work(worker, history, isOver)),
      collect(gateway, history, isOver),
      killNowAndThen(server, history),
    ]);

    expect(history.put.size).toBe(JOBS);
    expect([...history.seen.keys()].toSorted()).toEqual([...history.put].toSorted());
    expect([...history.seen].filter(([, ids]) => ids.size !== 1)).toEqual([]);
    expect([...history.committed].filter(([, times]) => times !== 1)).toEqual([]);
    for (const broker of [gateway, worker]) await expect.poll(() => broker.failure(), BACK).toBeUndefined();
    expect(await gateway.jobs.dead(10)).toEqual([]);
  });
});
