import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { nodeClock } from '../../../src/app/node-clock.ts';
import { openRedisBroker } from '../../../src/brokers/index.ts';
import type { Broker } from '../../../src/core/index.ts';

type AllOptions = Parameters<typeof openRedisBroker>[0];
type Options = Omit<AllOptions, 'blobs' | 'clock'>;

/** A folder that is removed when the test is over. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-redis-site-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens the broker in real time, as one more process of a site would; closed when the test is over. */
export async function openSite(options: Options, blobs?: AllOptions['blobs']): Promise<Broker> {
  const broker = await openRedisBroker({ ...options, blobs: blobs ?? (await tempFolder()), clock: nodeClock });
  onTestFinished(() => broker[Symbol.asyncDispose]());
  return broker;
}
