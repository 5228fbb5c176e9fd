/** Deadlines that a process of an older version wrote, which does not say when the first is due, are acted on all the same. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { millis } from '../../src/core/index.ts';
import { jobOf } from '../contracts/made-jobs.ts';
import { HAS_REDIS, startRedis, type RedisServer } from '../testing/redis-server.ts';
import { openSite } from './testing/redis-site.ts';

const NOW = millis(0);
const HOUR = 3_600_000;
const LEASE = 15_000;

describe.skipIf(!HAS_REDIS)('on a real Redis', () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  test('a lease that runs out before what is known to be due first', async () => {
    let now = 1_000_000;
    const broker = await openSite({ url: server.url, prefix: 'due:', time: () => millis(now) });
    await broker.jobs.put(jobOf('lost'));
    expect(await broker.jobs.claim({ worker: 'one', wait: NOW })).toMatchObject({ id: 'lost', attempt: 1 });
    const counters = await redis.keys('due:*:q:jobs:n');
    expect(counters.length).toBeGreaterThan(0);
    for (const key of counters) await redis.hset(key, 'due', now + HOUR);
    now += LEASE + 1;
    expect(await broker.jobs.claim({ worker: 'two', wait: NOW })).toMatchObject({ id: 'lost', attempt: 2 });
  });
});
