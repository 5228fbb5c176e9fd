import type {
  AudioStore,
  Broker,
  JobQueue,
  JobSpec,
  LiveEvent,
  LiveRecord,
  SecretRecord,
  PrepareJob,
  QueueStats,
  TranscriptionEvent,
  WorkerJob,
} from '../../core/index.ts';
import { millis, samples } from '../../core/index.ts';
import { madeBlobs, madeEvents, madeSessions } from './made-stores.ts';

export interface MadeBroker extends Broker {
  readonly events: ReturnType<typeof madeEvents<TranscriptionEvent>>;
  readonly blobs: ReturnType<typeof madeBlobs>;
  /** Jobs put so far. */
  readonly put: JobSpec<WorkerJob>[];
  readonly forgotten: string[];
  /** What the queue says of itself. */
  depth: number;
  limit: number;
}

/** A broker in memory whose work is done by `work`: what a worker and an aggregator would do with each recording. */
export function madeBroker(work: (broker: MadeBroker, job: PrepareJob) => Promise<void>): MadeBroker {
  const put: JobSpec<WorkerJob>[] = [];
  const forgotten: string[] = [];
  const unused = (): never => {
    throw new Error('no gateway does this');
  };
  const stats = (): QueueStats => {
    const one = { depth: broker.depth, limit: broker.limit, oldest: millis(2000) };
    const classes = { final: one, partial: one, interactive: one, batch: one };
    return { classes, leased: 0, delayed: 0, dead: 0, superseded: 0, expired: 0, leasesLost: 0 };
  };
  const queue = {
    claim: unused,
    extend: unused,
    ack: unused,
    nack: unused,
    cancel: async (): Promise<'unknown'> => 'unknown',
    cancelSession: async () => 0,
    isWorkedOn: unused,
    position: () => 2,
    stats,
    dead: async () => [],
    requeueDead: async () => false,
  } as const;
  const jobs: JobQueue<WorkerJob> = {
    ...queue,
    async put(job) {
      if (put.some(({ id }) => id === job.id)) return 'duplicate';
      put.push(job);
      if (job.body.type === 'prepare') void work(broker, job.body);
      return 'queued';
    },
  };
  const audio: AudioStore = {
    append: async () => ({ end: samples(0), duplicate: false }),
    end: async () => samples(0),
    range: unused,
    trim: async () => {},
    drop: async () => {},
  };
  const broker: MadeBroker = {
    put,
    forgotten,
    depth: 0,
    limit: 10,
    jobs,
    webhooks: { ...queue, put: async () => 'queued' },
    audio,
    sessions: madeSessions(),
    results: { commit: unused, take: unused, done: unused, pending: () => 0 },
    events: madeEvents(),
    blobs: madeBlobs(),
    buckets: { spend: async (spends) => spends.map(({ most }) => most) },
    live: {
      sessions: madeSessions<LiveRecord>(),
      events: madeEvents<LiveEvent>(),
      secrets: madeSessions<SecretRecord>(),
    },
    now: () => millis(1_700_000_000_000),
    failure: () => undefined,
    async forget(session) {
      forgotten.push(session);
      for (const key of await broker.blobs.list(session)) await broker.blobs.remove(key);
      await broker.events.remove(session);
      return broker.sessions.remove(session);
    },
    [Symbol.asyncDispose]: async () => {},
  };
  return broker;
}
