import { afterAll, beforeAll, describe } from 'vitest';
import { s3Blobs } from '../../src/brokers/index.ts';
import { HAS_REDIS, startRedis, type RedisServer } from '../testing/redis-server.ts';
import { HAS_S3, startS3, type S3Server } from '../testing/s3-server.ts';
import { blobRules } from './blob-rules.ts';
import { brokerRules } from './broker-rules.ts';
import { redisUnderTest } from './redis-broker.ts';
import { describeContract } from './run-contract.ts';

describe.skipIf(!HAS_REDIS || !HAS_S3)('with blobs in a real S3 store (versitygw)', () => {
  let redis: RedisServer | undefined;
  let store: S3Server | undefined;
  beforeAll(async () => {
    [redis, store] = await Promise.all([startRedis(), startS3()]);
  });
  afterAll(async () => {
    await Promise.all([redis?.stop(), store?.stop()]);
  });
  describeContract(
    [...blobRules, ...brokerRules],
    redisUnderTest(
      'the Redis broker',
      () => {
        if (redis === undefined) throw new Error('Redis does not run');
        return { url: redis.url, ports: [redis.port] };
      },
      (place, clock) => {
        if (store === undefined) throw new Error('the S3 server does not run');
        return s3Blobs({ url: store.url(place), env: store.env, clock });
      },
    ),
  );
});
