/** A Redis that is back is known to be back, whether or not anything is asked of it. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { nodeClock } from '../../src/app/node-clock.ts';
import { addressOf } from '../../src/brokers/redis/link/address.ts';
import { openLink, type Link } from '../../src/brokers/redis/link/link.ts';
import { script } from '../../src/brokers/redis/scripts/script.ts';
import { millis } from '../../src/core/index.ts';
import { HAS_REDIS, startRedis, type RedisServer } from '../testing/redis-server.ts';

const LOOK = { interval: 20, timeout: 20_000 };
const SAYS_YES = script('reads', `return 'yes'`);
const SHARDS = [0, 3, 15];

/** To a Redis that has been killed while the link was open; every shard has failed. */
async function openLost(): Promise<{ readonly server: RedisServer; readonly link: Link }> {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const link = await openLink({
    address: addressOf(server.url),
    prefix: 'scriptorium:',
    clock: nodeClock,
    timeout: millis(2000),
    patience: millis(0),
  });
  onTestFinished(() => link.close());
  await server.kill();
  for (const shard of SHARDS) {
    await expect(link.run(SAYS_YES, shard)).rejects.toMatchObject({ code: 'broker-unreachable' });
  }
  expect(link.failure()).toMatchObject({ code: 'broker-unreachable' });
  return { server, link };
}

describe.skipIf(!HAS_REDIS)('on a real Redis', () => {
  test('shards that did not answer while it was away do so again, though none of them is asked any more', async () => {
    const { server, link } = await openLost();
    await server.start();
    await expect.poll(() => link.failure(), LOOK).toBeUndefined();
    expect(await link.run(SAYS_YES, 3)).toBe('yes');
  });

  test('one shard that answers speaks for all, at once', async () => {
    const { server, link } = await openLost();
    await server.start();
    await expect.poll(() => link.run(SAYS_YES, 3).catch(() => 'not yet'), { ...LOOK, interval: 5 }).toBe('yes');
    expect(link.failure()).toBeUndefined();
  });
});
