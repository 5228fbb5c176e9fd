import { Cluster } from 'ioredis';
import type { Clock, Millis } from '../../../core/index.ts';
import { ScriptoriumError, millis } from '../../../core/index.ts';
import { ALL_SCRIPTS } from '../scripts/all.ts';
import type { Script } from '../scripts/script.ts';
import type { Address } from './address.ts';
import { checkInfo, infoOf, probe } from './check-server.ts';
import type { Client, ConnectOptions } from './connect.ts';
import { clusterClient, singleClient } from './connect.ts';
import type { News } from './news.ts';
import { newsOf } from './news.ts';
import { redisError, refusesWrites } from './redis-error.ts';
import { listOf, textOf } from './reply.ts';
import { tryChannels } from './try-channels.ts';
import { writesAgain } from './writes-again.ts';

export type Arg = string | number | Buffer;

/** One Redis, or cluster, as scripts and news. Connections that are lost are made again until it is closed. */
export interface Link {
  /** What a script answers. @throws ScriptoriumError `broker-unreachable`, `broker-full` or `broker-failed`. */
  run(script: Script, shard: number, ...args: readonly Arg[]): Promise<unknown>;
  /** The same, with texts as bytes. */
  runBytes(script: Script, shard: number, ...args: readonly Arg[]): Promise<unknown>;
  readonly news: News;
  /** Writes a text where none is, and answers what is there then. @throws ScriptoriumError as `run` does, and `broker-refused`. */
  agree(key: string, text: string): Promise<string>;
  /** Writes another text in place of `from` unless anybody listens to a channel, and answers what is there then. @throws as `agree` does. */
  replace(key: string, from: string, to: string, channel: string): Promise<string>;
  /** How many connections listen to a channel. @throws as `agree` does. */
  listeners(channel: string): Promise<number>;
  /** Undefined where nothing is. @throws as `agree` does. */
  read(key: string): Promise<string | undefined>;
  /** Whether it said at the start that it appends nothing to a file. */
  readonly isForgetful: boolean;
  /** Undefined while every shard answers. */
  failure(): ScriptoriumError | undefined;
  close(): Promise<void>;
}

export interface LinkOptions extends ConnectOptions {
  readonly address: Address;
  readonly prefix: string;
  readonly clock: Clock;
  /** How long a call that may be made again is made again while Redis can't be reached or takes no writes. */
  readonly patience: Millis;
  /** Broker time, when it is not Redis's own. */
  readonly time?: (() => Millis) | undefined;
}

/** How soon a Redis that can't be reached is asked again. */
const ASK_AGAIN = millis(100);

/** Who listens is asked in the same step, of the node that has the key. */
const REPLACE = `
local v=redis.call('GET',KEYS[1])
if v==ARGV[1] and redis.call('PUBSUB','NUMSUB',ARGV[3])[2]==0 then redis.call('SET',KEYS[1],ARGV[2]) return ARGV[2] end
return v or ''
`;

/** Out of a channel's name and its number. */
const listenersIn = (reply: unknown): number => Number(textOf(listOf(reply)[1]));

/** What passes by itself. */
const OUTAGES: ReadonlySet<string> = new Set(['broker-unreachable', 'broker-full']);

/** All keys of a shard share a hash tag, and so a node. */
export const shardKey = (prefix: string, shard: number): string => `${prefix}{s${String(shard).padStart(2, '0')}}`;

async function connected(client: Client, label: string): Promise<void> {
  let reason: unknown;
  const note = (error: unknown): void => {
    reason = error;
  };
  client.on('error', note);
  try {
    await client.connect();
  } catch (error) {
    client.disconnect();
    throw redisError(reason ?? error, label);
  }
}

const primaries = (client: Client) => (client instanceof Cluster ? client.nodes('master') : [client]);

/** @throws ScriptoriumError `broker-unreachable` or `broker-refused`, each saying what to change. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { address, prefix, time, clock, patience } = options;
  const { label } = address;
  const { isCluster, isForgetful } = await probe(address, options);
  const client = isCluster ? clusterClient(address, options) : singleClient(address, options, true);
  await connected(client, label);
  const listener = client instanceof Cluster ? client : singleClient(address, options, true);
  const news = newsOf(listener);
  /** Why a shard did not answer last, until it does again. */
  const failing = new Map<number, ScriptoriumError>();
  /** Why a shard takes no writes, though it may answer. */
  const refusing = new Map<number, ScriptoriumError>();
  let lost: ScriptoriumError | undefined;
  let closed = false;

  client.on('close', () => {
    if (!closed) lost ??= redisError(new Error('the connection was lost'), label);
  });
  client.on('error', (error: unknown) => {
    lost = lost === undefined ? undefined : redisError(error, label);
  });
  client.on('ready', () => {
    lost = undefined;
  });

  /** One Redis that answers for a shard does for all of them; nodes of a cluster answer each for its own. */
  const answered = (shard: number): void => {
    if (isCluster) failing.delete(shard);
    else failing.clear();
  };

  const once = async (
    call: (command: string, args: Arg[]) => Promise<unknown>,
    { sha, lua }: Script,
    shard: number,
    args: readonly Arg[],
  ): Promise<unknown> => {
    const all = [1, shardKey(prefix, shard), time === undefined ? '' : time(), shard, ...args];
    try {
      const reply = await call('EVALSHA', [sha, ...all]).catch((error: unknown) => {
        // Redis was started again, or another node took the shard over.
        if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return call('EVAL', [lua, ...all]);
        throw error;
      });
      answered(shard);
      return reply;
    } catch (error) {
      if (closed) throw new ScriptoriumError('broker-closed', 'the broker is closed', { cause: error });
      const failure = redisError(error, label);
      if (refusesWrites(error)) lookAfter(refusing, shard, failure);
      else if (failure.code === 'broker-unreachable') lookAfter(failing, shard, failure);
      throw failure;
    }
  };

  /** A probe looks when it takes writes again: nothing new is let in meanwhile, so nobody else may ask. */
  function lookAfter(troubles: Map<number, ScriptoriumError>, shard: number, failure: ScriptoriumError): void {
    const isNews = !troubles.has(shard);
    troubles.set(shard, failure);
    if (!isNews) return;
    void writesAgain(client, shardKey(prefix, shard), clock, () => closed).then(() => troubles.delete(shard));
  }

  /** What may be asked once more is asked until Redis is back, or patience is over. */
  const evaluate: typeof once = async (call, script, shard, args) => {
    const since = clock.now();
    for (;;) {
      try {
        return await once(call, script, shard, args);
      } catch (error) {
        const isOutage = error instanceof ScriptoriumError && OUTAGES.has(error.code);
        if (!isOutage || !script.repeatable || clock.now() - since >= patience) throw error;
      }
      await new Promise<void>((resolve) => void clock.after(ASK_AGAIN, resolve));
    }
  };

  try {
    if (listener !== client) await connected(listener, label);
    for (const node of primaries(client)) {
      if (isCluster) checkInfo(await infoOf(node), address);
      await Promise.all(ALL_SCRIPTS.map(({ lua }) => node.script('LOAD', lua)));
    }
    await tryChannels(listener, primaries(client), { prefix, label });
  } catch (error) {
    client.disconnect();
    news.close();
    throw redisError(error, label);
  }

  const told = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw redisError(error, label);
    });

  return {
    run: (script, shard, ...args) => evaluate((command, all) => client.call(command, all), script, shard, args),
    runBytes: (script, shard, ...args) =>
      evaluate((command, all) => client.callBuffer(command, all), script, shard, args),
    news,
    isForgetful,
    async agree(key, text) {
      await told(client.setnx(key, text));
      return (await told(client.get(key))) ?? text;
    },
    async replace(key, from, to, channel) {
      return textOf(await told(client.eval(REPLACE, 1, key, from, to, channel)));
    },
    async listeners(channel) {
      const nodes = client instanceof Cluster ? client.nodes('all') : [client];
      const counts = await Promise.all(nodes.map((node) => told(node.call('PUBSUB', 'NUMSUB', channel))));
      return counts.reduce<number>((sum, reply) => sum + listenersIn(reply), 0);
    },
    read: async (key) => (await told(client.get(key))) ?? undefined,
    failure: () => lost ?? failing.values().next().value ?? refusing.values().next().value,
    async close() {
      closed = true;
      news.close();
      // Answers that are under way are waited for.
      await client.quit().catch(() => {});
      client.disconnect();
    },
  };
}
