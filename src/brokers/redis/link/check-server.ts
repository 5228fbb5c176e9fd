import type { Redis } from 'ioredis';
import { ScriptoriumError } from '../../../core/index.ts';
import type { Address } from './address.ts';
import type { ConnectOptions } from './connect.ts';
import { singleClient } from './connect.ts';
import { redisError } from './redis-error.ts';

/** Functions of scripts that came with Redis 7: flags, and what `ZRANGE` knows. */
const OLDEST_MAJOR = 7;
const KEEPS_ALL = 'noeviction';

export interface ServerFacts {
  readonly isCluster: boolean;
  /** Says that it appends nothing to a file: what it was given is gone when it starts again. */
  readonly isForgetful: boolean;
}

const refused = (message: string): ScriptoriumError => new ScriptoriumError('broker-refused', message);

/** One line of `INFO`. */
const field = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(.*)$`, 'mu').exec(info)?.[1]?.trim();

/** @throws ScriptoriumError `broker-refused` for a server that is too old, or that throws keys away. */
export function checkInfo(info: string, { label, db }: Pick<Address, 'label' | 'db'>): ServerFacts {
  const version = field(info, 'redis_version') ?? '0';
  // Valkey tells the version of Redis that it is like, 7.2.4, under this name.
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
    throw refused(`Redis at ${label} is version ${version}; install Redis ${OLDEST_MAJOR} or later, or Valkey`);
  }
  const policy = field(info, 'maxmemory_policy');
  if (policy !== undefined && policy !== KEEPS_ALL) {
    throw refused(`Redis at ${label} throws keys away (maxmemory-policy ${policy}); set it to ${KEEPS_ALL}`);
  }
  const role = field(info, 'role');
  if (role === 'slave') throw refused(`Redis at ${label} is a replica, which takes no writes; name its primary`);
  const isCluster = field(info, 'cluster_enabled') === '1';
  if (isCluster && db !== 0) throw refused(`Redis at ${label} is a cluster, which has database 0 only; leave it out`);
  return { isCluster, isForgetful: field(info, 'aof_enabled') === '0' };
}

/** Everything of `INFO` that is looked at. */
export const infoOf = async (client: Pick<Redis, 'info'>): Promise<string> => client.info();

/** Looks at the first node that answers. @throws ScriptoriumError `broker-unreachable` or `broker-refused`. */
export async function probe(address: Address, options: ConnectOptions): Promise<ServerFacts> {
  const isOne = address.path !== undefined || address.primary !== undefined;
  const nodes = isOne ? [undefined] : address.hosts;
  let failure: unknown;
  for (const node of nodes) {
    const one = node === undefined ? address : { ...address, hosts: [node], label: `${node.host}:${node.port}` };
    const client = singleClient(one, options, false);
    let reason: unknown;
    client.on('error', (error: unknown) => {
      reason ??= error;
    });
    try {
      await client.connect();
      // Its client goes on in database 0 when there is none of that number.
      if (one.db !== 0) await client.select(one.db);
      return checkInfo(await infoOf(client), one);
    } catch (error) {
      failure = redisError(error instanceof ScriptoriumError ? error : (reason ?? error), one.label);
      if (failure instanceof ScriptoriumError && failure.code === 'broker-refused') throw failure;
    } finally {
      client.disconnect();
    }
  }
  throw failure;
}
