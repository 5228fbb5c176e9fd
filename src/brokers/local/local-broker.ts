import { join } from 'node:path';
import type {
  Broker,
  Clock,
  JobClass,
  JobOutcome,
  Millis,
  SecretRecord,
  LiveEvent,
  LiveRecord,
  TranscriptionEvent,
  TranscriptionRecord,
  WebhookJob,
  WorkerJob,
} from '../../core/index.ts';
import { ScriptoriumError, millis } from '../../core/index.ts';
import { audioStore } from './files/audio-store.ts';
import { heldAudio, type HeldAudioBounds } from './files/held-audio.ts';
import type { HeldBlobBounds } from './files/held-blobs.ts';
import { blobStore } from './files/blob-store.ts';
import { forgetter } from './forget.ts';
import { eventLog } from './logs/event-log.ts';
import { outcomeLog } from './logs/outcome-log.ts';
import { memoryBuckets } from './buckets.ts';
import { sessionStore } from './logs/session-store.ts';
import { openFence } from './queue/fence.ts';
import { jobRecords } from './queue/job-records.ts';
import type { ResultHooks } from './queue/job-moves.ts';
import { openQueue } from './queue/local-queue.ts';
import { isLive, perClass, type ShelfOf } from './queue/job.ts';
import { freeBytesOf, prepareFolder, spaceCheck } from './store/data-folder.ts';
import type { FreeBytes } from './store/data-folder.ts';
import { memoryShelf } from './store/op.ts';
import { storageError } from '../storage-error.ts';
import { openStore } from './store/store.ts';
import type { World } from './world.ts';

export interface LocalBrokerOptions {
  /** Data folder: created if need be, and of one process at a time. */
  readonly folder: string;
  readonly clock: Clock;
  /** Since the Unix epoch, at this moment. Broker time goes on from here by `clock`. */
  readonly startedAt: Millis;
  readonly bounds?: Partial<LocalBounds>;
  /** What the disk has left; the machine's unless told. */
  readonly freeBytes?: FreeBytes;
}

/** Every bound of the broker. */
export interface LocalBounds {
  /** Jobs a class may hold, waiting and leased. */
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
  /** Of audio under way, on the disk. */
  readonly audioBytes: number;
  /** What of blocking requests stays in memory. */
  readonly heldAudio: HeldAudioBounds;
  readonly heldBlobs: HeldBlobBounds;
}

export const LOCAL_BOUNDS: LocalBounds = {
  depth: { final: 1000, partial: 1000, interactive: 10_000, batch: 100_000 },
  webhookDepth: 10_000,
  lease: millis(15_000),
  remember: millis(60_000),
  hold: millis(30_000),
  pendingOutcomes: 10_000,
  audioBytes: 16 * 2 ** 30,
  // A minute of speech, and 64 MiB of all.
  heldAudio: { track: 960_000, total: 32 * 2 ** 20 },
  // Half a minute of 16-bit WAV, several of compressed speech.
  heldBlobs: { blob: 2 ** 20, total: 64 * 2 ** 20 },
};

/** A webhook is done when it is sent: nobody waits for its result. */
const NO_RESULTS: ResultHooks = { known: () => false, died: () => [], revived: () => [], behind: () => false };

/**
 * The broker of one process: what is live in memory, what was accepted on the disk. A process that was killed finds everything that
 * it had promised when it opens the folder again.
 *
 * @throws ScriptoriumError `storage-in-use`, `storage-unwritable`, `storage-full` or `storage-incompatible`, each saying what to change.
 */
export async function openLocalBroker(options: LocalBrokerOptions): Promise<Broker> {
  const { folder, clock, startedAt, freeBytes = freeBytesOf } = options;
  const bounds = { ...LOCAL_BOUNDS, ...options.bounds };
  await prepareFolder(folder, freeBytes);
  const store = await openStore(folder, clock);
  const memory = memoryShelf();
  const opened = clock.now();
  let closing: Promise<void> | undefined;
  const world: World = {
    clock,
    store,
    memory,
    now: () => millis(startedAt + (clock.now() - opened)),
    checkOpen() {
      if (closing !== undefined) throw new ScriptoriumError('broker-closed', 'the broker is closed');
      const failure = store.failure();
      if (failure !== undefined) throw failure;
    },
    checkSpace: spaceCheck(folder, freeBytes, clock),
  };
  try {
    const fence = await openFence(store);
    const sessions = sessionStore<TranscriptionRecord>('session', world, {
      forgetAll: (id) => forgetting.forget(id),
      // Who waits for it was promised nothing before the answer.
      shelf: ({ request }) => (request.jobClass === 'interactive' ? store.behind : store),
    });
    const shelf: ShelfOf = ({ jobClass, session }) => (isLive(jobClass) ? memory : sessions.shelf(session));
    const outcomes = outcomeLog<JobOutcome>(world, fence, {
      hold: bounds.hold,
      limit: bounds.pendingOutcomes,
      deadOutcome: (reason, attempts) => ({ type: 'dead', reason, attempts }),
      shelf,
    });
    await outcomes.load();
    const jobs = await openQueue(world, jobRecords<WorkerJob>('job', store, shelf), fence, bounds, outcomes.hooks);
    const hooksDepth = { ...bounds, depth: perClass(() => bounds.webhookDepth) };
    const webhooks = await openQueue(
      world,
      jobRecords<WebhookJob>('webhook', store, shelf),
      fence,
      hooksDepth,
      NO_RESULTS,
    );
    const events = eventLog<TranscriptionEvent>('event', world, sessions.shelf);
    const promised = { forgetAll: (id: string) => forgetting.forget(id), shelf: () => store };
    const liveSessions = sessionStore<LiveRecord>('live', world, promised);
    const secrets = sessionStore<SecretRecord>('secret', world, promised);
    const liveEvents = eventLog<LiveEvent>('live-event', world, promised.shelf);
    const blobs = await blobStore(join(folder, 'blobs'), world, bounds.heldBlobs);
    const files = await audioStore(join(folder, 'audio'), bounds.audioBytes, world);
    const audio = heldAudio(files, world, bounds.heldAudio, (session) => sessions.shelf(session) !== store);
    const forgetting = forgetter(world, {
      records: [sessions, liveSessions, secrets],
      events: [events, liveEvents],
      outcomes,
      queues: [jobs, webhooks],
      files: [blobs, audio],
    });
    await forgetting.sweep();

    const close = async (): Promise<void> => {
      await forgetting.close();
      for (const part of [jobs, webhooks, outcomes, events, liveEvents]) part.close();
      await audio.close();
      await store.close();
    };

    return {
      jobs: jobs.port,
      webhooks: webhooks.port,
      audio: audio.port,
      sessions: sessions.port,
      results: outcomes.port(jobs),
      events: events.port,
      blobs: blobs.port,
      buckets: memoryBuckets(world.now, world.checkOpen),
      live: { sessions: liveSessions.port, events: liveEvents.port, secrets: secrets.port },
      now: world.now,
      failure: () => store.failure(),
      forget(session) {
        world.checkOpen();
        return forgetting.forget(session);
      },
      [Symbol.asyncDispose]: () => (closing ??= close()),
    };
  } catch (error) {
    await store.close();
    throw storageError(error, folder);
  }
}
