/** Whose a place for blobs is: what the Redis of one site has no record of may be another's, and stays. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { nodeClock } from '../../src/app/node-clock.ts';
import { openLocalBroker, s3Blobs, type openRedisBroker } from '../../src/brokers/index.ts';
import { ScriptoriumError, millis, type Broker } from '../../src/core/index.ts';
import { HAS_REDIS, startRedis, type RedisServer } from '../testing/redis-server.ts';
import { HAS_S3, startS3, type S3Server } from '../testing/s3-server.ts';
import { askRedis } from './testing/ask-redis.ts';
import { openSite, tempFolder } from './testing/redis-site.ts';

/** A folder, or a prefix of a bucket, of a test's own. */
interface Place {
  readonly blobs: Parameters<typeof openRedisBroker>[0]['blobs'];
  /** Below it. */
  readonly below: Parameters<typeof openRedisBroker>[0]['blobs'];
  /** Where its mark is, as messages say it. */
  readonly markedAt: string;
  readonly mark: () => Promise<string>;
  readonly writeMark: (text: string) => Promise<void>;
  readonly unmark: () => Promise<void>;
  /** What versions before wrote into Redis about a place with this mark. */
  readonly nameOf: (mark: string) => string;
}

async function folder(): Promise<Place> {
  const path = await tempFolder();
  const markedAt = join(path, '.site');
  return {
    blobs: path,
    below: join(path, 'below'),
    markedAt,
    mark: () => readFile(markedAt, 'utf8'),
    writeMark: (text) => writeFile(markedAt, text),
    unmark: () => rm(markedAt),
    nameOf: (mark) => `folder ${mark}`,
  };
}

let prefixes = 0;

function bucket(server: S3Server): Place {
  const { env, endpoint } = server;
  const name = `site-${++prefixes}`;
  const [accessKeyId = '', secretAccessKey = ''] = [env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY']];
  const credentials = { accessKeyId, secretAccessKey };
  const s3 = new S3({ endpoint, region: 'eu-central-1', forcePathStyle: true, credentials });
  onTestFinished(() => s3.destroy());
  const object = { Bucket: 'speech', Key: `${name}/.scriptorium-site` };
  return {
    blobs: s3Blobs({ url: server.url(name), env, clock: nodeClock }),
    below: s3Blobs({ url: server.url(`${name}/below`), env, clock: nodeClock }),
    markedAt: `s3://speech/${object.Key}`,
    mark: async () => (await (await s3.getObject(object)).Body?.transformToString()) ?? '',
    writeMark: async (Body) => void (await s3.putObject({ ...object, Body })),
    unmark: async () => void (await s3.deleteObject(object)),
    nameOf: () => `s3://speech/${name}/`,
  };
}

/** Everything without a record is old enough to go. */
const SWEEPING = { bounds: { orphans: millis(0) } };
const KEY = 'session/transcript';
const ANOTHERS = /^broker-refused: \S+ says that what is there is another site's \("scriptorium: [^\n]+$/u;
const ELSEWHERE = /^broker-refused: The site at \S+ under scriptorium: keeps its uploads elsewhere \([^\n]+$/u;

async function refusal(opening: Promise<Broker>): Promise<string> {
  try {
    await opening;
    return 'opened';
  } catch (error) {
    return error instanceof ScriptoriumError ? `${error.code}: ${error.message}` : String(error);
  }
}

async function* sent(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text);
}

const keep = async ({ blobs }: Broker): Promise<void> => void (await blobs.put(KEY, sent('spoken'), { limit: 100 }));

async function redis(): Promise<RedisServer> {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  return server;
}

describe.skipIf(!HAS_REDIS || !HAS_S3)('with a real Redis', () => {
  let store: S3Server | undefined;
  beforeAll(async () => {
    store = await startS3();
  });
  afterAll(async () => store?.stop());

  async function placeOf(kind: 'folder' | 'bucket'): Promise<Place> {
    if (kind === 'folder') return folder();
    if (store === undefined) throw new Error('the S3 server does not run');
    return bucket(store);
  }

  describe.each(['folder', 'bucket'] as const)('a %s', (kind) => {
    test('is refused to another Redis, another database and another prefix, which remove nothing in it', async () => {
      const { blobs, markedAt } = await placeOf(kind);
      const [{ url }, another] = [await redis(), await redis()];
      const site = await openSite({ url }, blobs);
      await keep(site);
      const answer = await refusal(openSite({ url: another.url, ...SWEEPING }, blobs));
      expect(answer).toMatch(ANOTHERS);
      expect(answer).toContain(`delete ${markedAt}: `);
      expect(await refusal(openSite({ url: `${url}/1`, ...SWEEPING }, blobs))).toMatch(ANOTHERS);
      expect(await refusal(openSite({ url, prefix: 'other:', ...SWEEPING }, blobs))).toMatch(ANOTHERS);
      expect(await site.blobs.list('session')).toEqual([KEY]);
      expect(await refusal(openSite({ url }, blobs))).toBe('opened');
    });

    test('is not swept by a Redis that lost its keys, until its mark is deleted', async () => {
      const { blobs, unmark } = await placeOf(kind);
      const { url } = await redis();
      const site = await openSite({ url }, blobs);
      await keep(site);
      await askRedis(url, (client) => client.flushall());
      for (let start = 0; start < 2; start++) {
        expect(await refusal(openSite({ url, ...SWEEPING }, blobs))).toMatch(ANOTHERS);
      }
      expect(await site.blobs.list('session')).toEqual([KEY]);
      await unmark();
      const again = await openSite({ url, ...SWEEPING }, blobs);
      expect(await again.blobs.list('session')).toEqual([]);
      expect(await refusal(openSite({ url }, blobs))).toBe('opened');
    });

    test('is marked once by many processes that begin at once, and its mark is no blob', async () => {
      const { blobs, mark } = await placeOf(kind);
      const { url } = await redis();
      const opening = Array.from({ length: 8 }, () => refusal(openSite({ url, ...SWEEPING }, blobs)));
      expect(await Promise.all(opening)).toEqual(opening.map(() => 'opened'));
      expect(await mark()).toBe(`${await askRedis(url, (client) => client.get('scriptorium:{mark}'))}\n`);
    });

    test('is the only one of a site, whoever of many that begin at once is first', async () => {
      const places = [await placeOf(kind), await placeOf(kind)];
      const { url } = await redis();
      const opening = [0, 1, 0, 1, 0, 1].map((at) => refusal(openSite({ url }, places[at]?.blobs)));
      const answers = await Promise.all(opening);
      const first = answers.indexOf('opened');
      expect(answers.filter((answer) => answer === 'opened')).toHaveLength(3);
      for (const [at, answer] of answers.entries()) {
        expect(answer).toMatch(at % 2 === first % 2 ? /^opened$/u : ELSEWHERE);
      }
    });

    test('that lost its mark, as one that is not mounted, is refused', async () => {
      const { blobs, unmark, markedAt } = await placeOf(kind);
      const { url } = await redis();
      await openSite({ url }, blobs);
      await unmark();
      const answer = await refusal(openSite({ url }, blobs));
      expect(answer).toMatch(ELSEWHERE);
      expect(answer).toContain(`${markedAt} has nothing, not "scriptorium: `);
      expect(answer).toContain('delete the keys scriptorium:{blobs} and scriptorium:{mark}');
      await askRedis(url, (client) => client.del('scriptorium:{blobs}', 'scriptorium:{mark}'));
      expect(await refusal(openSite({ url }, blobs))).toBe('opened');
    });

    test('is not removed as a session of a site above it', async () => {
      const { blobs, below } = await placeOf(kind);
      const [{ url }, another] = [await redis(), await redis()];
      const inner = await openSite({ url: another.url }, below);
      await keep(inner);
      await openSite({ url, ...SWEEPING }, blobs);
      expect(await inner.blobs.list('session')).toEqual([KEY]);
    });
  });

  test('takes over a folder that versions before marked, and leaves its mark to them', async () => {
    const { blobs, mark, writeMark, nameOf } = await folder();
    const [{ url }, another] = [await redis(), await redis()];
    const before = 'scriptorium: 2f0c8d1e-5a53-4e3c-9f0e-0d6c1a2b3c4d';
    await writeMark(`${before}\n`);
    await askRedis(url, (client) => client.set('scriptorium:{blobs}', nameOf(before)));
    for (let start = 0; start < 2; start++) await openSite({ url }, blobs);
    expect(await mark()).toBe(`${before}\n`);
    expect(await askRedis(url, (client) => client.get('scriptorium:{blobs}'))).toBe(nameOf(before));
    expect(await refusal(openSite({ url: another.url, ...SWEEPING }, blobs))).toMatch(ANOTHERS);
  });

  test('marks a bucket that versions before used, and goes on beside them', async () => {
    const { blobs, mark, nameOf } = await placeOf('bucket');
    const [{ url }, another] = [await redis(), await redis()];
    for (const one of [url, another.url])
      await askRedis(one, (client) => client.set('scriptorium:{blobs}', nameOf('')));
    for (let start = 0; start < 2; start++) await openSite({ url }, blobs);
    expect(await askRedis(url, (client) => client.get('scriptorium:{blobs}'))).toBe(nameOf(''));
    expect(await mark()).toBe(`scriptorium: ${await askRedis(url, (client) => client.get('scriptorium:{site}'))}\n`);
    expect(await refusal(openSite({ url: another.url, ...SWEEPING }, blobs))).toMatch(ANOTHERS);
  });

  test('refuses the blobs of a server without Redis, which it has no records of', async () => {
    const data = await tempFolder();
    const blobs = join(data, 'blobs');
    const { url } = await redis();
    const local = await openLocalBroker({ folder: data, clock: nodeClock, startedAt: millis(0) });
    onTestFinished(() => local[Symbol.asyncDispose]());
    await keep(local);
    expect(await refusal(openSite({ url, ...SWEEPING }, blobs))).toBe(
      `broker-refused: ${blobs} holds uploads and transcripts of a server without Redis, and what Redis has no record of is removed; name another folder by --blobs-dir`,
    );
    expect(await local.blobs.list('session')).toEqual([KEY]);
    await local.blobs.remove(KEY);
    const site = await openSite({ url }, blobs);
    await keep(site);
    expect(await refusal(openSite({ url }, blobs))).toBe('opened');
  });

  test('what versions before take for a folder of theirs is what this one writes', async () => {
    const { blobs, mark } = await folder();
    const { url } = await redis();
    await openSite({ url }, blobs);
    const text = (await mark()).trim();
    expect(text.split(' ')[0]).toBe('scriptorium:');
    expect(await askRedis(url, (client) => client.get('scriptorium:{blobs}'))).toBe(`folder ${text}`);
  });

  test('refuses a folder to a site that has a bucket, and the other way round', async () => {
    const [one, other] = [await placeOf('folder'), await placeOf('bucket')];
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const { url } = await redis();
      await openSite({ url }, first.blobs);
      expect(await refusal(openSite({ url }, second.blobs))).toMatch(ELSEWHERE);
    }
  });
});
