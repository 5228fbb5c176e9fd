import { join } from 'node:path';
import { openLocalBroker, openRedisBroker, s3Blobs, type FreeBytes } from '../../brokers/index.ts';
import { millis, type Broker, type Clock } from '../../core/index.ts';
import { readBrokerTls } from './secrets.ts';
import type { ServerSettings } from './server-settings.ts';

/** How long a lease lasts without a sign of life. */
const LEASE = millis(15_000);
/** Jobs of live speech that may wait. */
const LIVE_DEPTH = 1000;
/** Of the data folder, where no other is named. */
const BLOBS = 'blobs';

/** What opening one may touch of the world. */
interface BrokerIo {
  readonly clock: Clock;
  readonly now: () => Date;
  readonly warn: (message: string) => void;
  /** What a disk has left; the machine's unless told. */
  readonly freeBytes?: FreeBytes;
}

/** The broker that the settings name. @throws ScriptoriumError `storage-*`, `broker-unreachable`, `broker-refused`, `usage-invalid`. */
export async function openBroker(
  { broker, dataFolder, queueDepth }: Pick<ServerSettings, 'broker' | 'dataFolder' | 'queueDepth'>,
  { clock, now, warn, freeBytes }: BrokerIo,
): Promise<Broker> {
  const depth = { final: LIVE_DEPTH, partial: LIVE_DEPTH, interactive: queueDepth, batch: queueDepth };
  const bounds = { lease: LEASE, depth };
  if (broker === undefined) {
    const disk = freeBytes === undefined ? {} : { freeBytes };
    return openLocalBroker({ folder: dataFolder, clock, startedAt: millis(now().getTime()), bounds, ...disk });
  }
  const { url, audioUrl, prefix, tls, blobs = { folder: join(dataFolder, BLOBS) } } = broker;
  return openRedisBroker({
    url,
    blobs: 'folder' in blobs ? blobs.folder : s3Blobs({ ...blobs, clock }),
    clock,
    warn,
    bounds,
    ...(tls === undefined ? {} : { tls: await readBrokerTls(tls) }),
    ...(audioUrl === undefined ? {} : { audioUrl }),
    ...(prefix === undefined ? {} : { prefix }),
  });
}
