/** What stands in Redis and is none of ours, or is broken: it is set aside with its reason, and the rest goes on. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Broker } from '../../src/core/index.ts';
import { millis } from '../../src/core/index.ts';
import { jobOf } from '../contracts/made-jobs.ts';
import { outcomeOf } from '../contracts/made-sessions.ts';
import { HAS_REDIS, startRedis, type RedisServer } from '../testing/redis-server.ts';
import { openSite } from './testing/redis-site.ts';

const NOW = millis(0);
const byId = ([a = '']: readonly string[], [b = '']: readonly string[]): number => a.localeCompare(b);
const SHARDS = Array.from({ length: 16 }, (_, shard) => `{s${String(shard).padStart(2, '0')}}`);

describe.skipIf(!HAS_REDIS)('on a real Redis', () => {
  let server: RedisServer;
  let redis: Redis;
  let places = 0;
  let prefix = '';
  let broker: Broker;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    prefix = `junk-${++places}:`;
    broker = await openSite({ url: server.url, prefix });
  });

  const keysOf = (end: string): readonly string[] => SHARDS.map((shard) => `${prefix}${shard}:q:jobs:${end}`);

  /** Breaks a field where it is; fails when it is nowhere. */
  async function breakField(end: string, field: string, change: (text: string) => string): Promise<void> {
    for (const key of keysOf(end)) {
      const text = await redis.hget(key, field);
      if (text === null) continue;
      await redis.hset(key, field, change(text));
      return;
    }
    throw new Error(`no ${field} in any ${end}`);
  }

  async function workOff(): Promise<readonly string[]> {
    const done: string[] = [];
    for (;;) {
      const lease = await broker.jobs.claim({ worker: 'worker', wait: NOW });
      if (lease === null) return done;
      done.push(lease.id);
      await broker.results.commit(lease, outcomeOf(lease.id));
    }
  }

  test.each(['not json', '', '{"v":1', 'null', '7'])(
    'a job that reads %j is a dead letter, and ends what it is of',
    async (junk) => {
      await broker.jobs.put(jobOf('broken', { session: 'one' }));
      await broker.jobs.put(jobOf('whole', { session: 'two' }));
      await breakField('j:broken', 'b', () => junk);
      expect(await workOff()).toEqual(['whole']);
      expect(await broker.jobs.dead(10)).toMatchObject([{ id: 'broken', session: 'one' }]);
      expect((await broker.jobs.dead(1))[0]?.reason).toMatch(/^it can't be read: its body is no JSON object$/u);
      const outcomes = await broker.results.take({ consumer: 'aggregator', limit: 10, wait: NOW });
      expect(outcomes.map(({ jobId, outcome }) => [jobId, outcome.type]).toSorted(byId)).toEqual([
        ['broken', 'dead'],
        ['whole', outcomeOf('').type],
      ]);
    },
  );

  test('an outcome that cannot be read ends its job as failed; one that tells nothing is gone; others come', async () => {
    for (const id of ['broken', 'whole', 'nothing']) await broker.jobs.put(jobOf(id, { session: 'one', slot: id }));
    expect((await workOff()).toSorted()).toEqual(['broken', 'nothing', 'whole']);
    for (const key of keysOf('o')) {
      for (const [field, row] of Object.entries(await redis.hgetall(key))) {
        if (row.startsWith('["broken"')) await redis.hset(key, field, row.replace(/\n.*/su, '\n{"type":'));
        if (row.startsWith('["nothing"')) await redis.hset(key, field, 'junk');
      }
    }
    const outcomes = await broker.results.take({ consumer: 'aggregator', limit: 10, wait: NOW });
    expect(outcomes.map(({ jobId, outcome }) => [jobId, outcome.type]).toSorted(byId)).toEqual([
      ['broken', 'dead'],
      ['whole', outcomeOf('').type],
    ]);
    await broker.results.done(outcomes.map(({ id }) => id));
    expect(await redis.exists(...['o', 'of', 'oh'].flatMap(keysOf))).toBe(0);
    expect(await broker.results.take({ consumer: 'aggregator', limit: 10, wait: NOW })).toEqual([]);
  });
});
