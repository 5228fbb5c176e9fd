import type {
  Broker,
  Clock,
  JobClass,
  JobOutcome,
  LiveEvent,
  LiveRecord,
  Millis,
  SecretRecord,
  TranscriptionEvent,
  TranscriptionRecord,
  WebhookJob,
  WorkerJob,
} from '../../core/index.ts';
import { ScriptoriumError, millis } from '../../core/index.ts';
import type { BlobHome, OpenBlobs } from '../blob-home.ts';
import { agreeOnBlobs, agreeOnFormat } from './agreed.ts';
import { agreeOnAudio } from './agreed-audio.ts';
import { audioStore } from './files/audio-store.ts';
import { sharedBlobs } from './files/shared-blobs.ts';
import { forgetter } from './forget.ts';
import { keeper } from './keeper.ts';
import { addressOf } from './link/address.ts';
import type { TlsFiles } from './link/connect.ts';
import { brokerTime } from './link/broker-time.ts';
import { openLink } from './link/link.ts';
import { redisBuckets } from './logs/buckets.ts';
import { eventLog } from './logs/event-log.ts';
import { resultLog } from './logs/result-log.ts';
import { sessionStore } from './logs/session-store.ts';
import { checkedPrefix } from './link/prefix.ts';
import { perClass } from './queue/classes.ts';
import { redisQueue } from './queue/redis-queue.ts';
import { MAX_SHARDS } from './shards.ts';
import type { World } from './world.ts';

export interface RedisBrokerOptions {
  /** `redis://[user][:password]@host[:port][,…][/db]`, `rediss://` with TLS, `redis+unix:///path`. Several hosts are nodes of a cluster. */
  readonly url: string;
  /** A Redis of its own for audio. */
  readonly audioUrl?: string;
  /** What keys and channels begin with: `scriptorium:` unless told. Two sites on one Redis need two. */
  readonly prefix?: string;
  readonly tls?: TlsFiles;
  /** Uploads and transcripts: a folder that every process of the site sees, or what opens another place for them. */
  readonly blobs: string | OpenBlobs;
  readonly clock: Clock;
  /** Told what is no reason to refuse a Redis, but may cost an operator something. */
  readonly warn?: (message: string) => void;
  /** In [0, 1); `Math.random` unless told. */
  readonly random?: () => number;
  /** Broker time; Redis's own unless told. */
  readonly time?: () => Millis;
  readonly bounds?: Partial<RedisBounds>;
}

/** Every bound of the broker. */
export interface RedisBounds {
  /** Jobs a class may hold, waiting and leased. Of several processes each knows the others' puts after `fresh`. */
  readonly depth: Readonly<Record<JobClass, number>>;
  readonly webhookDepth: number;
  /** How long a lease lasts when it isn't extended. */
  readonly lease: Millis;
  /** How long the id of a job that is done stays known. */
  readonly remember: Millis;
  /** How long a taker of outcomes may take to say `done`. */
  readonly hold: Millis;
  /** With so many outcomes pending, no more jobs are handed out. */
  readonly pendingOutcomes: number;
  /** How long an idle process waits at most before it asks for a job that all were told of; 0 never waits. */
  readonly hesitate: Millis;
  /** How long a call waits for Redis. */
  readonly timeout: Millis;
  /** How long a step that may be repeated waits for a Redis that can't be reached. */
  readonly patience: Millis;
  /** How old gauges, and estimates of them, may be; 0 asks after every call. */
  readonly fresh: Millis;
  /** How old blobs without a record are before they are removed. */
  readonly orphans: Millis;
  /** Parts that sessions are spread over, at most 16; the same in every process of a site. */
  readonly shards: number;
}

export const REDIS_BOUNDS: RedisBounds = {
  depth: { final: 1000, partial: 1000, interactive: 10_000, batch: 100_000 },
  webhookDepth: 10_000,
  lease: millis(15_000),
  remember: millis(60_000),
  hold: millis(30_000),
  pendingOutcomes: 10_000,
  hesitate: millis(100),
  timeout: millis(5000),
  patience: millis(30_000),
  fresh: millis(2000),
  orphans: millis(3_600_000),
  shards: MAX_SHARDS,
};

const DEFAULT_PREFIX = 'scriptorium:';
/**
 * The broker of several processes: everything but blobs is in Redis, and each step on it is one script. Connections that are lost
 * are made again; until then calls fail with `broker-unreachable`, and `failure` tells why.
 *
 * @throws ScriptoriumError `broker-unreachable` or `broker-refused`, each saying what to change; `storage-*`
 *   for the place of blobs.
 */
export async function openRedisBroker(options: RedisBrokerOptions): Promise<Broker> {
  const { url, audioUrl, clock, tls, random = Math.random } = options;
  const bounds = { ...REDIS_BOUNDS, ...options.bounds };
  const { shards, fresh } = bounds;
  const prefix = checkedPrefix(options.prefix ?? DEFAULT_PREFIX);
  const connecting = {
    prefix,
    clock,
    time: options.time,
    timeout: bounds.timeout,
    patience: bounds.patience,
    ...(tls === undefined ? {} : { tls }),
  };
  const address = addressOf(url);
  const audioAddress = audioUrl === undefined ? address : addressOf(audioUrl);
  const link = await openLink({ ...connecting, address });
  const links = [link];
  const homes: BlobHome[] = [];
  const closeOutside = async (): Promise<void> => {
    await Promise.all([...links, ...homes].map((one) => one.close()));
  };
  const time = brokerTime(clock, options.time);
  let closing: Promise<void> | undefined;
  const checkOpen = (): void => {
    if (closing !== undefined) throw new ScriptoriumError('broker-closed', 'the broker is closed');
  };
  let plan = (): void => {};
  const world: World = { link, prefix, clock, random, time, shards, fresh, checkOpen, onDue: () => plan() };

  try {
    await agreeOnFormat(link, prefix, address.label, shards);
    if (link.isForgetful) {
      options.warn?.(
        `Redis at ${address.label} writes nothing to its disk (appendonly no): what was accepted is gone when it starts again; set appendonly yes`,
      );
    }
    const audioLink = audioUrl === undefined ? link : await openLink({ ...connecting, address: audioAddress });
    if (audioLink !== link) {
      links.push(audioLink);
      await agreeOnFormat(audioLink, prefix, audioAddress.label, shards);
    }
    await agreeOnAudio({ main: link, audio: audioLink, prefix, label: address.label, audioLabel: audioAddress.label });
    const { blobs: place } = options;
    const blobs = await (typeof place === 'string' ? sharedBlobs(place, checkOpen) : place(checkOpen));
    homes.push(blobs);
    await agreeOnBlobs(link, prefix, address.label, blobs);
    const audio = audioStore(audioLink, shards, checkOpen);
    const jobs = redisQueue<WorkerJob>('jobs', world, bounds);
    const webhooks = redisQueue<WebhookJob>('hooks', world, { ...bounds, depth: perClass(() => bounds.webhookDepth) });
    const queues = [jobs.calls, webhooks.calls];
    const results = resultLog<JobOutcome>(world, jobs, bounds);
    const forgetting = forgetter(world, () => ({
      records: [
        { kind: 'file', ...sessions },
        { kind: 'live', ...liveSessions },
        { kind: 'secret', ...secrets },
      ],
      queues,
      events: [events, liveEvents],
      audio,
      blobs,
      orphans: bounds.orphans,
    }));
    const hooks = {
      forgetOver: (id: string) => forgetting.forgetOver(id),
      onRead(id: string) {
        for (const { positions } of queues) positions.prime(id);
      },
    };
    const sessions = sessionStore<TranscriptionRecord>('file', world, hooks);
    const liveSessions = sessionStore<LiveRecord>('live', world, { ...hooks, onRead: () => {} });
    const secrets = sessionStore<SecretRecord>('secret', world, { ...hooks, onRead: () => {} });
    const events = eventLog<TranscriptionEvent>('file', world);
    const liveEvents = eventLog<LiveEvent>('live', world);

    const lookAll = async (): Promise<void> => {
      await Promise.all(queues.map((calls) => calls.lookAll()));
    };
    await lookAll();
    await forgetting.sweep();
    await forgetting.sweepBlobs();
    const keeping = keeper({
      clock,
      time,
      queues: [jobs, webhooks].map((queue) => ({ ...queue.calls, isUsed: () => queue.isUsed() })),
      fresh,
      random,
      sweep: () => forgetting.sweep(),
    });

    plan = () => keeping.plan();

    const close = async (): Promise<void> => {
      await keeping.close();
      for (const part of [events, liveEvents]) part.close();
      await Promise.all([jobs.close(), webhooks.close(), results.close()]);
      await closeOutside();
    };

    return {
      jobs: jobs.port,
      webhooks: webhooks.port,
      audio: audio.port,
      sessions: sessions.port,
      results: results.port,
      events: events.port,
      blobs: blobs.port,
      buckets: redisBuckets(world),
      live: { sessions: liveSessions.port, events: liveEvents.port, secrets: secrets.port },
      now: () => time.now(),
      failure: () => links.map((one) => one.failure()).find((failure) => failure !== undefined),
      async forget(session) {
        checkOpen();
        return forgetting.forget(session);
      },
      [Symbol.asyncDispose]: () => (closing ??= close()),
    };
  } catch (error) {
    await closeOutside();
    throw error;
  }
}
