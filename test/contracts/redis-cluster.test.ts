import { afterAll, beforeAll, describe } from 'vitest';
import { HAS_CLUSTER, startCluster, type RedisCluster } from '../testing/redis-cluster.ts';
import { redisUnderTest } from './redis-broker.ts';
import { ALL_RULES } from './rules.ts';
import { describeContract } from './run-contract.ts';

describe.skipIf(!HAS_CLUSTER)('on a real cluster of three', () => {
  let cluster: RedisCluster | undefined;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(async () => cluster?.stop());
  describeContract(
    ALL_RULES,
    redisUnderTest('the Redis broker', () => {
      if (cluster === undefined) throw new Error('the cluster does not run');
      return { url: cluster.url, ports: cluster.nodes.map(({ port }) => port) };
    }),
  );
});
