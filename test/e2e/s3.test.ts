/** The parts of a server as processes apart, with Redis between them and blobs in an S3 store. */
import { execFile } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { HAS_REDIS } from '../testing/redis-server.ts';
import { HAS_S3, startS3, type S3Server } from '../testing/s3-server.ts';
import { JFK, main, mustBeBuilt } from './testing/running-server.ts';
import { startSiteWith } from './testing/site.ts';

async function store(): Promise<S3Server> {
  const server = await startS3();
  onTestFinished(() => server.stop());
  return server;
}

describe.skipIf(!HAS_REDIS || !HAS_S3)('a site on Redis and a real S3 store (versitygw)', () => {
  test('a file goes in, its text comes out, what is deleted leaves the store, and a job outlives a store that is killed', async () => {
    mustBeBuilt();
    const s3 = await store();
    const site = await startSiteWith({ store: { url: s3.url('site'), env: s3.env } }, '--engine', 'scripted');
    onTestFinished(() => site[Symbol.asyncDispose]());
    const members = await Promise.all([site.start('gateway'), site.start('worker'), site.start('aggregator')]);
    const { jobs } = createClient({ url: members[0].url });
    const { id } = await jobs.create(new File([await openAsBlob(JFK)], 'jfk.wav'), {});
    expect(await jobs.wait(id)).toMatchObject({ status: 'succeeded' });
    const kept = async (): Promise<readonly string[]> => (await s3.files()).filter((path) => path.includes(id));
    await expect.poll(kept).toEqual([`site/${id}/transcript`]);
    await jobs.delete(id);
    await expect.poll(kept).toEqual([]);

    const [, worker] = members;
    worker.signal('SIGSTOP');
    const accepted = await jobs.create(new File([await openAsBlob(JFK)], 'jfk.wav'), {});
    await s3.kill();
    worker.signal('SIGCONT');
    await expect.poll(worker.stderr, { timeout: 10_000 }).toContain('the store of what is to be heard is gone');
    await s3.start();
    expect(await jobs.wait(accepted.id)).toMatchObject({ status: 'succeeded' });
    for (const { stderr } of members) {
      expect(stderr()).not.toContain(s3.env['AWS_SECRET_ACCESS_KEY']);
      expect(stderr()).not.toContain('Warning');
    }
  });
});

/** Prints what was loaded of the packages for S3 when `code` has run. */
async function loadedBy(code: string): Promise<string> {
  const ending =
    "console.log('loaded:', Object.keys(createRequire('file:///x').cache).filter((path) => path.includes('@aws-sdk')).length)";
  const script = `import { createRequire } from 'node:module'; ${code}; ${ending}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return /loaded: (\d+)/u.exec(stdout)?.[1] ?? stdout;
}

test('the package for S3 is loaded with a store, and for nothing else', async () => {
  mustBeBuilt();
  const at = (path: string): string => JSON.stringify(new URL(path, `file://${main}`).href);
  const brokers = `const { s3Blobs } = await import(${at('../brokers/index.js')})`;
  expect(
    await loadedBy(`${brokers}; await import(${at('../app/index.js')}); await import(${at('../app/server/index.js')})`),
  ).toBe('0');
  const open =
    "await s3Blobs({ url: 's3://a-b-c?endpoint=http://127.0.0.1:1', env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }, clock: {}, bounds: { attempts: 1 } })(() => {}).catch(() => {})";
  expect(Number(await loadedBy(`${brokers}; ${open}`))).toBeGreaterThan(0);
});
