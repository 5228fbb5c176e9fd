/** Parts of a later minor release beside earlier ones: what they add to messages passes, and what it means stays. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeClock } from '../../src/app/node-clock.ts';
import type { Broker } from '../../src/core/index.ts';
import { millis, readTranscription } from '../../src/core/index.ts';
import { scriptedEngine } from '../../src/engines/scripted/index.ts';
import { fileService, loadVad, removeFolder, tempFolder, type FileServiceOptions } from './testing/file-service.ts';
import { repeated } from './testing/recordings.ts';

let folder: string;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => removeFolder(folder));

const LATER = { later: { unknown: [1, 'two'] }, another: null };

/** What a later release sends: every shape with fields that this one does not know. */
function ofALaterRelease(broker: Broker): Broker {
  const { jobs, results, sessions, events } = broker;
  return {
    ...broker,
    jobs: { ...jobs, put: (job) => jobs.put({ ...job, body: { ...job.body, ...LATER } }) },
    results: { ...results, commit: (lease, outcome) => results.commit(lease, { ...outcome, ...LATER }) },
    sessions: {
      ...sessions,
      create: (id, tenant, record, ttl) => sessions.create(id, tenant, { ...record, ...LATER }, ttl),
      save: (id, version, record, ttl) => sessions.save(id, version, { ...record, ...LATER }, ttl),
    },
    events: {
      ...events,
      append: (session, after, added) =>
        events.append(
          session,
          after,
          added.map((event) => ({ ...event, ...LATER })),
        ),
    },
  };
}

async function transcribed(changed: NonNullable<FileServiceOptions['changed']>) {
  const place = await tempFolder();
  const engine = scriptedEngine({ clock: nodeClock, concurrency: 4, service: () => millis(1) });
  const service = await fileService({ folder: place, engine, vad: await loadVad(), changed });
  try {
    await service.submit('job_1', await repeated(folder, 8));
    const ended = await service.ended('job_1');
    const { record } = (await readTranscription(service.broker, 'job_1')) ?? {};
    return { ended, state: record?.state, transcripts: await service.transcripts('job_1') };
  } finally {
    await service.stop();
    await removeFolder(place);
  }
}

test('a recording becomes the same transcript, whichever part is of a later release', async () => {
  const { ended, ...same } = await transcribed({});
  expect(same.state).toBe('succeeded');
  for (const changed of [{ worker: ofALaterRelease }, { others: ofALaterRelease }]) {
    const mixed = await transcribed(changed);
    expect(mixed).toMatchObject({ ...same, ended });
  }
});
