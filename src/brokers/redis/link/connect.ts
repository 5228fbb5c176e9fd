import { Cluster, Redis } from 'ioredis';
import type { Millis } from '../../../core/index.ts';
import type { Address } from './address.ts';

export type Client = Redis | Cluster;

/** PEM texts; the machine's own authorities unless `ca` tells. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface ConnectOptions {
  readonly tls?: TlsFiles;
  /** How long a call may wait for its answer, and a connection for its being made. */
  readonly timeout: Millis;
}

const RETRY_STEP_MS = 50;
/** Redis that is back is found within half a second. */
const RETRY_MOST_MS = 500;
const KEEP_ALIVE_MS = 10_000;
const MAX_REDIRECTIONS = 16;

const retry = (times: number): number => Math.min(RETRY_STEP_MS * times, RETRY_MOST_MS);

/** A call fails when its connection does: nothing is sent twice, nothing waits for a connection. */
function settings(address: Address, { tls, timeout }: ConnectOptions) {
  const { username, password } = address;
  return {
    protocol: 2,
    autoResendUnfulfilledCommands: false,
    // `news` does so. The client would with nobody to hear that it failed, which ends a process when Redis goes at that very moment.
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    connectTimeout: timeout,
    commandTimeout: timeout,
    keepAlive: KEEP_ALIVE_MS,
    disableClientInfo: true,
    connectionName: 'scriptorium',
    lazyConnect: true,
    // A primary that became a replica refuses writes on connections that it has.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(address.tls ? { tls: { ...tls } } : {}),
  } as const;
}

/** How a client finds its server: sentinels are asked again for each connection, since another may be the primary by then. */
function placeOf({ hosts, path, primary, tls }: Address, { tls: files, timeout }: ConnectOptions, tries: boolean) {
  if (path !== undefined) return { path };
  if (primary === undefined) return hosts[0];
  return {
    sentinels: [...hosts],
    name: primary,
    sentinelCommandTimeout: timeout,
    sentinelRetryStrategy: tries ? retry : () => null,
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: { ...files } } : {}),
  };
}

/** @param tries whether a connection that fails is made again. */
export function singleClient(address: Address, options: ConnectOptions, tries: boolean): Redis {
  const place = placeOf(address, options, tries);
  const retryStrategy = tries ? retry : () => null;
  return new Redis({
    ...settings(address, options),
    ...place,
    enableOfflineQueue: false,
    db: address.db,
    retryStrategy,
  });
}

export function clusterClient(address: Address, options: ConnectOptions): Cluster {
  return new Cluster([...address.hosts], {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRedirections: MAX_REDIRECTIONS,
    clusterRetryStrategy: retry,
    slotsRefreshTimeout: options.timeout,
    redisOptions: settings(address, options),
  });
}
