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

/** Where each site has its blobs: by its address and prefix. */
const places = new Map<string, Promise<string>>();

async function placeOf({ url, prefix = '' }: Options): Promise<string> {
  const site = `${url} ${prefix}`;
  const place = places.get(site) ?? tempFolder();
  places.set(site, place);
  onTestFinished(() => void places.delete(site));
  return place;
}

/** Opens the broker in real time, as one more process of a site would; closed when the test is over. */
export async function openSite(options: Options, blobs?: AllOptions['blobs']): Promise<Broker> {
  const broker = await openRedisBroker({ ...options, blobs: blobs ?? (await placeOf(options)), clock: nodeClock });
  onTestFinished(() => broker[Symbol.asyncDispose]());
  return broker;
}
