/** Where a site has its sound: two processes that differ would not hear each other's. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { ScriptoriumError, samples, type Broker } from '../../src/core/index.ts';
import { HAS_CLUSTER, startCluster } from '../testing/redis-cluster.ts';
import { HAS_REDIS, startRedis, type RedisServer } from '../testing/redis-server.ts';
import { askRedis } from './testing/ask-redis.ts';
import { openSite, tempFolder } from './testing/redis-site.ts';

const ELSEWHERE =
  /^broker-refused: The other processes of the site at \S+ under scriptorium: have their sound in another Redis than \S+; [^\n]+$/u;

async function redis(): Promise<RedisServer> {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  return server;
}

/** Opens processes of one site, whose main Redis is at an address. */
async function site(url: string) {
  const blobs = await tempFolder();
  const open = (audioUrl?: string): Promise<Broker> =>
    openSite({ url, ...(audioUrl === undefined ? {} : { audioUrl }) }, blobs);
  const answer = async (audioUrl?: string): Promise<string> => {
    try {
      await open(audioUrl);
      return 'opened';
    } catch (error) {
      return error instanceof ScriptoriumError ? `${error.code}: ${error.message}` : String(error);
    }
  };
  return { open, answer };
}

/** Names of channels that are listened to at an address, whose name ends so. */
const heardAt = (url: string, end: string): Promise<readonly unknown[]> =>
  askRedis(url, (client) => client.pubsub('CHANNELS', `scriptorium:audio:*:${end}`));

describe.skipIf(!HAS_REDIS)('on real Redis', () => {
  test('refuses a process that has its sound elsewhere than those that run, or in no Redis of its own', async () => {
    const [main, one, other] = [await redis(), await redis(), await redis()];
    const { open, answer } = await site(main.url);
    const writer = await open(one.url);
    expect(await answer(other.url)).toMatch(ELSEWHERE);
    expect(await answer()).toMatch(ELSEWHERE);
    expect(await answer(main.url)).toMatch(ELSEWHERE);
    const reader = await open(one.url);
    await writer.audio.append('session', 0, samples(0), Int16Array.of(1, 2));
    expect(await reader.audio.end('session', 0)).toBe(2);
  });

  test('refuses a Redis for sound where the others have none; naming the main one is naming none', async () => {
    const [main, other] = [await redis(), await redis()];
    const { open, answer } = await site(main.url);
    await open();
    expect(await answer(other.url)).toMatch(ELSEWHERE);
    expect(await answer(main.url)).toBe('opened');
    expect(await answer()).toBe('opened');
  });

  test('takes another place for sound when nobody runs any more, and holds the next ones to it', async () => {
    const [main, one, other] = [await redis(), await redis(), await redis()];
    const { open, answer } = await site(main.url);
    const running = [await open(one.url), await open(one.url)];
    for (const broker of running) await broker[Symbol.asyncDispose]();
    await expect.poll(() => heardAt(main.url, 'used')).toEqual([]);
    expect(await answer(other.url)).toBe('opened');
    expect(await answer(one.url)).toMatch(ELSEWHERE);
    expect(await answer(other.url)).toBe('opened');
  });

  test('of processes that begin at once only those of one place are let in, and all of them, whatever was agreed before', async () => {
    const [main, one, other] = [await redis(), await redis(), await redis()];
    const { answer } = await site(main.url);
    await askRedis(main.url, (client) => client.set('scriptorium:{audio}', 'of nobody any more'));
    const urls = [one.url, other.url, one.url, other.url, one.url, other.url];
    const answers = await Promise.all(urls.map((url) => answer(url)));
    const first = answers.indexOf('opened');
    for (const [at, said] of answers.entries()) expect(said).toMatch(at % 2 === first % 2 ? /^opened$/u : ELSEWHERE);
  });

  test('knows a Redis for sound that lost its keys while others are at it, and tells another one from it', async () => {
    const [main, one, other] = [await redis(), await redis(), await redis()];
    const { open, answer } = await site(main.url);
    await open(one.url);
    const id = await askRedis(main.url, (client) => client.get('scriptorium:{audio}'));
    await one.kill();
    await one.start();
    await expect.poll(() => heardAt(one.url, 'here'), { timeout: 10_000 }).toHaveLength(1);
    expect(await answer(other.url)).toMatch(ELSEWHERE);
    expect(await answer(one.url)).toBe('opened');
    expect(await askRedis(one.url, (client) => client.get('scriptorium:{audio-id}'))).toBe(id);
  });

  test('takes a Redis for sound that lost its keys when nobody ran, as after a restart of all', async () => {
    const [main, one] = [await redis(), await redis()];
    const { open, answer } = await site(main.url);
    const broker = await open(one.url);
    await broker[Symbol.asyncDispose]();
    await expect.poll(() => heardAt(main.url, 'used')).toEqual([]);
    await askRedis(one.url, (client) => client.flushall());
    expect(await answer(one.url)).toBe('opened');
    expect(await answer(one.url)).toBe('opened');
  });
});

test.skipIf(!HAS_CLUSTER)('in a real cluster those that run are seen at whatever node they listen', async () => {
  const cluster = await startCluster();
  onTestFinished(() => cluster.stop());
  const [one, other] = [await redis(), await redis()];
  const { open, answer } = await site(cluster.url);
  for (let process = 0; process < 3; process++) await open(one.url);
  for (let start = 0; start < 3; start++) expect(await answer(other.url)).toMatch(ELSEWHERE);
  expect(await answer(one.url)).toBe('opened');
});
