import { afterAll, beforeAll, describe } from 'vitest';
import { HAS_REDIS, startRedis, type RedisServer } from '../testing/redis-server.ts';
import { redisUnderTest } from './redis-broker.ts';
import { ALL_RULES } from './rules.ts';
import { describeContract } from './run-contract.ts';

describe.skipIf(!HAS_REDIS)('on a real Redis', () => {
  let server: RedisServer | undefined;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => server?.stop());
  describeContract(
    ALL_RULES,
    redisUnderTest('the Redis broker', () => {
      if (server === undefined) throw new Error('Redis does not run');
      return { url: server.url, ports: [server.port] };
    }),
  );
});
