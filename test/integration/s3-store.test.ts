/** Blobs in a real S3 store: long ones, wrong settings, and a process or a store that stops in the middle. */
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nodeClock } from '../../src/app/node-clock.ts';
import { s3Blobs } from '../../src/brokers/index.ts';
import { ScriptoriumError, millis } from '../../src/core/index.ts';
import { HAS_S3, startS3, type S3Server } from '../testing/s3-server.ts';

const MIB = 2 ** 20;
const KEY = 'session/upload';
const LIMIT = { limit: 100 * MIB };
const SIGN = 'site/.scriptorium';

type Options = Partial<Omit<Parameters<typeof s3Blobs>[0], 'clock'>>;

async function started(): Promise<S3Server> {
  const server = await startS3();
  onTestFinished(() => server.stop());
  return server;
}

async function opened(server: S3Server, others: Options = {}) {
  const home = await s3Blobs({ url: server.url('site'), env: server.env, clock: nodeClock, ...others })(() => {});
  onTestFinished(() => home.close());
  return home;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return error instanceof ScriptoriumError ? `${error.code}: ${error.message}` : String(error);
  }
}

async function* sent(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** Sends two parts and then nothing more. */
async function* halted(): AsyncGenerator<Uint8Array, void, undefined> {
  yield* sent(randomBytes(11 * MIB));
  await new Promise<never>(() => {});
}

describe.skipIf(!HAS_S3)('a real S3 store (versitygw)', () => {
  test('a long recording goes there in parts and comes back in ranges, to the byte', async () => {
    const server = await started();
    const { port } = await opened(server);
    const bytes = randomBytes(13 * MIB + 5);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await port.put(KEY, sent(bytes), LIMIT)).toEqual({ bytes: bytes.byteLength, sha256 });
    const hash = createHash('sha256');
    for await (const chunk of port.open(KEY)) hash.update(chunk);
    expect(hash.digest('hex')).toBe(sha256);
    expect(await server.files()).toEqual([SIGN, `site/${KEY}`]);
  });

  test('what is wrong with bucket, keys or region is told at the start', async () => {
    const server = await started();
    const { endpoint, env } = server;
    const url = server.url('site');
    expect(await refusal(opened(server, { url: url.replace('speech', 'nowhere') }))).toMatch(
      /^storage-refused: there is no bucket nowhere at http/u,
    );
    for (const wrong of [{ AWS_SECRET_ACCESS_KEY: 'another' }, { AWS_ACCESS_KEY_ID: 'nobody' }]) {
      expect(await refusal(opened(server, { env: { ...env, ...wrong } }))).toMatch(
        /^storage-refused: bucket speech at \S+ does not take these keys \(\w+\); correct AWS_ACCESS_KEY_ID/u,
      );
    }
    expect(await refusal(opened(server, { url: `s3://speech?region=mars-1&endpoint=${endpoint}` }))).toMatch(
      /^storage-refused: bucket speech at \S+ is in another region .*region=REGION/u,
    );
  });

  test('what a process left half sent is seen by nobody, and taken back at a later start', async () => {
    const server = await started();
    const { port } = await opened(server);
    const stop = new AbortController();
    const putting = port.put(KEY, halted(), { ...LIMIT, signal: stop.signal });
    // Both parts are there, in the place of unfinished uploads.
    const parts = async (): Promise<readonly string[]> =>
      (await server.files()).filter((path) => /\/[12]$/u.test(path)).map((path) => path.slice(-1));
    await expect.poll(parts, { timeout: 10_000 }).toEqual(['1', '2']);
    const another = await opened(server);
    expect(await another.port.list('session')).toEqual([]);
    expect(await parts()).toEqual(['1', '2']);
    await opened(server, { bounds: { unfinished: millis(0) } });
    expect(await server.files()).toEqual([SIGN]);
    stop.abort(new Error('over'));
    await expect(putting).rejects.toThrow('over');
  });

  test('a store that freezes is told in time, and used again when it goes on', async () => {
    const server = await started();
    const { port } = await opened(server, { bounds: { attempts: 2, silence: millis(600), connect: millis(600) } });
    await port.put(KEY, sent(randomBytes(1000)), LIMIT);
    server.signal('SIGSTOP');
    expect(await refusal(port.put(KEY, sent(randomBytes(2000)), LIMIT))).toMatch(
      /^storage-unreachable: bucket speech at \S+ does not answer in time/u,
    );
    server.signal('SIGCONT');
    expect(await port.put(KEY, sent(randomBytes(3000)), LIMIT)).toMatchObject({ bytes: 3000 });
  });
});
