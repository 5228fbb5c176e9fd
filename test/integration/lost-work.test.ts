/** Jobs that were acknowledged and are gone, as when a broker loses the last of what it was told. */
import { createReadStream } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchWork } from '../../src/aggregator/watch-work.ts';
import { nodeClock } from '../../src/app/node-clock.ts';
import type { Broker } from '../../src/core/index.ts';
import { millis, newRecord, readTranscription, uploadKey } from '../../src/core/index.ts';
import { handClock, type HandClock } from '../../src/core/testing/hand-clock.ts';
import { scriptedEngine } from '../../src/engines/scripted/index.ts';
import {
  JFK,
  REQUEST,
  fileService,
  loadVad,
  noTelemetry,
  removeFolder,
  tempFolder,
  type FileService,
} from './testing/file-service.ts';
import { repeated } from './testing/recordings.ts';

const LOOK = { interval: 5, timeout: 10_000 };

/** A job that is acknowledged the first time, and not there. */
const LOST = 'job_1/segment/0/2';

/** A transcription whose sound is gone once all of its segments are found. */
const SILENCED = 'silenced';

let folder: string;
let service: FileService;
let clock: HandClock;
let watching: Promise<void>;
let over: AbortController;

beforeEach(async () => {
  folder = await tempFolder();
  const engine = scriptedEngine({ clock: nodeClock, concurrency: 1, service: () => millis(1) });
  let isLost = false;
  let isSilenced = false;
  const forgetful = (broker: Broker): Broker => ({
    ...broker,
    jobs: {
      ...broker.jobs,
      async put(job) {
        if (job.id !== LOST || isLost) return broker.jobs.put(job);
        isLost = true;
        return 'queued';
      },
    },
    audio: {
      ...broker.audio,
      async range(asked) {
        if (asked.session === SILENCED && !isSilenced) {
          isSilenced = true;
          await vi.waitFor(
            async () => expect((await broker.sessions.read(SILENCED))?.record.work.prepared).toBeDefined(),
            LOOK,
          );
          await broker.audio.drop(SILENCED);
        }
        return broker.audio.range(asked);
      },
    },
  });
  service = await fileService({ folder, engine, vad: await loadVad(), slots: 1, changed: { worker: forgetful } });
  clock = handClock();
  over = new AbortController();
  watching = watchWork({ broker: service.broker, clock, telemetry: noTelemetry }, over.signal);
});
afterEach(async () => {
  over.abort();
  await clock.pass(0);
  await watching;
  await service.stop('give-back');
  await removeFolder(folder);
});

/** A minute passes, and what it looks at is looked at. */
async function look(): Promise<void> {
  await vi.waitFor(() => expect(clock.timers()).toBe(1), LOOK);
  await clock.pass(60_000);
  // Between two pages it waits for the clock too.
  await vi.waitFor(() => expect(clock.timers()).toBe(1), LOOK);
  await clock.pass(50);
}

const standsStill = (): Promise<void> =>
  vi.waitFor(async () => {
    expect(await service.broker.jobs.isWorkedOn('job_1')).toBe(false);
    expect(service.broker.results.pending()).toBe(0);
  }, LOOK);

test('a segment whose job is gone is found missing at the second look, and done; no other is done twice', async () => {
  const { broker, submit, events, ended, transcripts } = service;
  await submit('whole', await repeated(folder, 8));
  await ended('whole');
  await submit('job_1', await repeated(folder, 8));
  await standsStill();
  expect((await readTranscription(broker, 'job_1'))?.record.state).toBe('running');
  await look();
  expect(await broker.jobs.isWorkedOn('job_1')).toBe(false);
  await look();
  const all = await events('job_1');
  expect(all.at(-1)).toMatchObject({ type: 'succeeded' });
  const indexes = all.flatMap((event) => (event.type === 'segment' ? [event.index] : []));
  expect(indexes).toEqual(indexes.map((_index, place) => place));
  expect(await transcripts('job_1')).toEqual(await transcripts('whole'));
});

test('a recording that was accepted, and whose first job is gone, is begun', async () => {
  const { broker, ended } = service;
  const { bytes, sha256 } = await broker.blobs.put(uploadKey('job_1'), createReadStream(JFK), { limit: 1e9 });
  const record = newRecord({ ...REQUEST, sha256, bytes }, broker.now());
  await broker.sessions.create('job_1', 'somebody', record);
  await broker.events.append('job_1', 0, [{ type: 'accepted' }]);
  await look();
  expect(await broker.jobs.isWorkedOn('job_1')).toBe(false);
  await look();
  expect(await ended('job_1')).toMatchObject({ type: 'succeeded' });
});

test('sound that is lost is decoded again, and no word of it is missing', async () => {
  const { submit, ended, transcripts } = service;
  const path = await repeated(folder, 8);
  await submit('whole', path);
  await ended('whole');
  await submit(SILENCED, path);
  expect(await ended(SILENCED)).toMatchObject({ type: 'succeeded' });
  expect(await transcripts(SILENCED)).toEqual(await transcripts('whole'));
});
