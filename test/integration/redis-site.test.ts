/** Several processes on one Redis, each with a broker of its own. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Broker, Lease, LoggedEvent, TranscriptionEvent, WorkerJob } from '../../src/core/index.ts';
import { millis, samples } from '../../src/core/index.ts';
import { nodeClock } from '../../src/app/node-clock.ts';
import { createLimiter } from '../../src/gateway/access/limiter.ts';
import { shareLimits } from '../../src/gateway/access/share-limits.ts';
import { jobOf } from '../contracts/made-jobs.ts';
import { eventsOf, outcomeOf, recordOf } from '../contracts/made-sessions.ts';
import { HAS_REDIS, startRedis, type RedisServer } from '../testing/redis-server.ts';
import { noTelemetry } from './testing/file-service.ts';
import { openSite, tempFolder } from './testing/redis-site.ts';

const LEASE = millis(400);
/** Nobody looks for itself while a test runs: what one hears, it hears from another. */
const NEVER = millis(600_000);
const LONG = millis(60_000);

async function claim({ jobs }: Broker): Promise<Lease<WorkerJob>> {
  const lease = await jobs.claim({ worker: 'worker', wait: LONG });
  if (lease === null) throw new Error('no job came');
  return lease;
}

async function collect(events: AsyncIterable<LoggedEvent<TranscriptionEvent>>): Promise<readonly number[]> {
  const seqs: number[] = [];
  for await (const { seq } of events) seqs.push(seq);
  return seqs;
}

describe.skipIf(!HAS_REDIS)('on a real Redis', () => {
  let server: RedisServer;
  let places = 0;
  let one: Broker;
  let other: Broker;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const options = { url: server.url, prefix: `site-${++places}:`, bounds: { lease: LEASE, fresh: NEVER } };
    const blobs = await tempFolder();
    one = await openSite(options, blobs);
    other = await openSite(options, blobs);
  });

  test('wakes a claim with what another process puts, and a taker with what another commits', async () => {
    const waiting = claim(other);
    const taking = one.results.take({ consumer: 'aggregator', limit: 10, wait: LONG });
    await one.jobs.put(jobOf('a'));
    const lease = await waiting;
    expect(lease.id).toBe('a');
    expect(await other.results.commit(lease, outcomeOf('done'))).toBe('committed');
    expect(await taking).toMatchObject([{ jobId: 'a', outcome: outcomeOf('done') }]);
  });

  test('gives the job of a process that is heard of no more to one that waits', async () => {
    await one.jobs.put(jobOf('a'));
    const lost = await claim(one);
    const again = await claim(other);
    expect(again).toMatchObject({ id: 'a', attempt: 2 });
    expect(again.token).toBeGreaterThan(lost.token);
    expect(await one.results.commit(lost, outcomeOf('late'))).toBe('stale');
  });

  test('hears again what was told while nobody could be told anything', async () => {
    const admin = new Redis(server.url);
    const waiting = claim(other);
    const following = other.events.follow('session', 0, AbortSignal.timeout(LONG))[Symbol.asyncIterator]();
    const first = following.next();
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await one.jobs.put(jobOf('a'));
    await one.events.append('session', 0, eventsOf(1, 1));
    expect((await waiting).id).toBe('a');
    expect((await first).value).toMatchObject({ seq: 1 });
    const end = following.next();
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await one.events.remove('session');
    expect((await end).done).toBe(true);
    admin.disconnect();
  });

  test('shows followers in every process each event once and in order, and ends them when one forgets the session', async () => {
    await one.sessions.create('session', 'tenant', recordOf('name'));
    const stop = AbortSignal.timeout(LONG);
    const following = [one, one, other, other].map((broker) => collect(broker.events.follow('session', 0, stop)));
    for (let last = 0; last < 200; last += 10) {
      await (last % 20 === 0 ? one : other).events.append('session', last, eventsOf(last + 1, last + 10));
    }
    const watching = other.events.follow('session', 199, stop)[Symbol.asyncIterator]();
    expect((await watching.next()).value).toMatchObject({ seq: 200 });
    await one.audio.append('session', 0, samples(0), Int16Array.of(1, 2));
    expect(await other.audio.end('session', 0)).toBe(2);
    const all = Array.from({ length: 200 }, (_, index) => index + 1);
    const ended = Promise.all(following);
    await one.forget('session');
    for (const seqs of await ended) expect(seqs).toEqual(all.slice(0, seqs.length));
    expect((await watching.next()).done).toBe(true);
    expect(await other.audio.end('session', 0)).toBe(0);
  });

  test('lets tenants take turns, over whatever sessions their jobs are spread', async () => {
    for (let index = 0; index < 60; index++) {
      await one.jobs.put(jobOf(`many-${index}`, { tenant: 'many', session: `many-${index}` }));
    }
    for (let index = 0; index < 3; index++) {
      await other.jobs.put(jobOf(`few-${index}`, { tenant: 'few', session: `few-${index}` }));
    }
    const ids: string[] = [];
    while (ids.length < 8) ids.push((await claim(other)).id);
    expect(ids.filter((id) => id.startsWith('few'))).toHaveLength(3);
  });

  test('hands out the jobs of a tenant in the order in which one process put them, over whatever sessions', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `job-${index}`);
    for (const id of ids) await one.jobs.put(jobOf(id, { session: id }));
    const claimed: string[] = [];
    while (claimed.length < ids.length) {
      const lease = await claim(other);
      claimed.push(lease.id);
      await other.jobs.ack(lease);
    }
    expect(claimed).toEqual(ids);
  });

  test('counts what a key uses at all gateways together', async () => {
    const caller = { tenant: 'a', limits: { requestsPerMinute: 600 } };
    const limiters = [createLimiter(nodeClock, {}), createLimiter(nodeClock, {})];
    const stops = limiters.map((limiter, index) =>
      shareLimits(limiter, { broker: index === 0 ? one : other, clock: nodeClock, telemetry: noTelemetry }),
    );
    for (let index = 0; index < 300; index++) limiters[0]?.admit(caller);
    limiters[1]?.admit(caller);
    await expect.poll(() => limiters[1]?.state(caller)?.remaining, { timeout: 10_000 }).toBeLessThan(450);
    for (const stop of stops) stop();
  });
});
