/** A file's way through broker, worker and aggregator, with real speech and a scripted engine. */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { TranscribeRequest } from '../../src/app/index.ts';
import { openLocalBroker } from '../../src/brokers/index.ts';
import { nodeClock } from '../../src/app/node-clock.ts';
import { transcribeRecording } from '../../src/app/transcribe-recording.ts';
import type { Segment, Vad } from '../../src/core/index.ts';
import {
  DEFAULT_DECODE_OPTIONS,
  cancelTranscription,
  millis,
  newRecord,
  readTranscription,
  uploadKey,
} from '../../src/core/index.ts';
import { scriptedEngine, type Fault, type ScriptedEngine } from '../../src/engines/scripted/index.ts';
import {
  JFK,
  REQUEST,
  fileService,
  loadVad,
  pathOf,
  removeFolder,
  tempFolder,
  type FileService,
} from './testing/file-service.ts';
import { dialogue, repeated } from './testing/recordings.ts';

let vad: Vad;
let folder: string;
let service: FileService | undefined;

beforeAll(async () => {
  vad = await loadVad();
});
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  await service?.stop('give-back');
  service = undefined;
  await removeFolder(folder);
});

const engineThat = (fault: (segment: Segment) => Fault | undefined = () => undefined, ms = 1): ScriptedEngine =>
  scriptedEngine({ clock: nodeClock, concurrency: 4, service: () => millis(ms), fault });

async function opened(engine: ScriptedEngine = engineThat()): Promise<FileService> {
  service = await fileService({ folder, engine, vad });
  return service;
}

/** What the command line makes of the same file with the same engine. */
const onTheCommandLine = (path: string, channels: 'mix' | 'split' = 'mix') => {
  const request: TranscribeRequest = {
    ...DEFAULT_DECODE_OPTIONS,
    keywords: [],
    words: true,
    previousText: false,
    channels,
  };
  const input = { name: 'talk.wav', path, open: () => createReadStream(path) };
  return transcribeRecording(input, request, { engine: engineThat(), vad });
};

/** Longer than the bundled recording: several segments. */
const talk = (): Promise<string> => repeated(folder, 8);

test('a file becomes the transcript of the command line, and every sample is accounted for', async () => {
  const { submit, events, transcripts, broker } = await opened();
  const path = await talk();
  await submit('job_1', path);
  const all = await events('job_1');
  const types = all.map(({ type }) => type).filter((type) => type !== 'progress');
  expect([...new Set(types)]).toEqual(['accepted', 'started', 'segment', 'succeeded']);
  const [expected] = await onTheCommandLine(path);
  expect(expected?.segments.length).toBeGreaterThan(3);
  expect(await transcripts('job_1')).toEqual([expected]);
  const last = all.at(-1);
  expect(last).toMatchObject({
    ledger: { dropped: { cancelled: 0, failed: 0 }, received: (expected?.duration ?? 0) * 16 },
  });
  const { record } = (await readTranscription(broker, 'job_1')) ?? {};
  expect(record).toMatchObject({ state: 'succeeded', doneMs: expected?.duration, totalMs: expected?.duration });
  const { received = 0, transcribed = 0, silence = 0, suppressed } = record?.ledger ?? {};
  expect(transcribed + silence + (suppressed?.['no-speech'] ?? 0)).toBe(received);
  // The upload is no longer needed.
  expect(await broker.blobs.list('job_1')).toEqual(['job_1/transcript']);
});

test('channels that are kept apart make the transcripts of the command line', async () => {
  const { submit, ended, transcripts } = await opened();
  const path = await dialogue(folder);
  await submit('job_1', path, { channels: 'split' });
  expect(await ended('job_1')).toMatchObject({ type: 'succeeded' });
  const expected = await onTheCommandLine(path, 'split');
  expect(expected.map(({ channel }) => channel)).toEqual([0, 1]);
  expect(await transcripts('job_1')).toEqual(expected);
});

test('silence is a transcript without words', async () => {
  const { submit, ended, transcripts } = await opened();
  await submit('job_1', pathOf('test/fixtures/speech/silence-15s.flac'));
  expect(await ended('job_1')).toMatchObject({ type: 'succeeded', ledger: { received: 240_000, silence: 240_000 } });
  expect(await transcripts('job_1')).toMatchObject([{ text: '', duration: 15_000, segments: [] }]);
});

test('a file that is none fails with the code that says so', async () => {
  const { submit, ended } = await opened();
  const path = join(folder, 'text.wav');
  await writeFile(path, 'These are words, but nobody has spoken them.\n'.repeat(20));
  await submit('job_1', path);
  expect(await ended('job_1')).toMatchObject({
    type: 'failed',
    code: 'audio-format-unsupported',
    ledger: { received: 0 },
  });
});

test('an engine that dies under a segment costs one attempt, and no word', async () => {
  let deaths = 0;
  const engine = engineThat(() => (deaths++ < 2 ? 'crash' : undefined));
  const { submit, ended, transcripts } = await opened(engine);
  const path = await talk();
  await submit('job_1', path);
  expect(await ended('job_1')).toMatchObject({ type: 'succeeded' });
  expect(await transcripts('job_1')).toEqual(await onTheCommandLine(path));
  expect(engine.stats().restarts).toBe(2);
});

test('a segment that kills every engine fails its own file only, though others were beside it', async () => {
  const engine = engineThat(({ start }) => (start > 400_000 && start < 900_000 ? 'crash' : undefined), 5);
  const { submit, ended, transcripts } = await opened(engine);
  const [bad, good] = [await talk(), await repeated(folder, 2)];
  await submit('job_bad', bad);
  for (const id of ['job_1', 'job_2', 'job_3']) await submit(id, good);
  expect(await ended('job_bad')).toMatchObject({ type: 'failed', code: 'engine-crashed' });
  const expected = await onTheCommandLine(good);
  for (const id of ['job_1', 'job_2', 'job_3']) {
    expect(await ended(id)).toMatchObject({ type: 'succeeded' });
    expect(await transcripts(id)).toEqual(expected);
  }
});

test('as many segments at once as an engine has places are nothing that Node warns of', async () => {
  const warnings: Error[] = [];
  const heed = (warning: Error): void => void warnings.push(warning);
  process.on('warning', heed);
  try {
    const engine = scriptedEngine({ clock: nodeClock, concurrency: 16, service: () => millis(1000) });
    service = await fileService({ folder, engine, vad, slots: 16 });
    const { submit, ended } = service;
    const ids = Array.from({ length: 16 }, (_, i) => `job_${i}`);
    await Promise.all(ids.map((id) => submit(id, JFK)));
    expect(await Promise.all(ids.map(ended))).toMatchObject(ids.map(() => ({ type: 'succeeded' })));
  } finally {
    process.off('warning', heed);
  }
  expect(warnings).toEqual([]);
});

test('a cancelled file ends at once, and nothing of it is left to do', async () => {
  const { submit, events, broker } = await opened(engineThat(() => 'hang'));
  await submit('job_1', await talk());
  // Its work has begun, and would never end.
  await vi.waitUntil(() => broker.jobs.stats().leased > 0);
  expect(await cancelTranscription(broker, 'job_1')).toBe('cancelled');
  expect((await events('job_1')).at(-1)?.type).toBe('cancelled');
  expect(await cancelTranscription(broker, 'job_1')).toBe('ended');
  expect(await cancelTranscription(broker, 'job_2')).toBe('unknown');
  await vi.waitUntil(() => broker.jobs.stats().leased === 0);
  expect(broker.jobs.stats().classes.batch.depth).toBe(0);
  expect(await broker.blobs.list('job_1')).toEqual([]);
});

test('a server that is stopped in the middle finishes the file when it is started again, each segment once', async () => {
  const slow = await opened(engineThat(() => undefined, 40));
  const path = await repeated(folder, 16);
  await slow.submit('job_1', path);
  let told = 0;
  for await (const { event } of slow.broker.events.follow('job_1', 0, new AbortController().signal)) {
    if (event.type === 'segment' && ++told === 2) break;
  }
  await slow.stop('give-back');
  const again = await opened();
  const segments = (await again.events('job_1')).flatMap((event) => (event.type === 'segment' ? [event.index] : []));
  expect(segments).toEqual(segments.map((_, i) => i));
  expect(segments.length).toBeGreaterThan(told);
  expect(await again.transcripts('job_1')).toEqual(await onTheCommandLine(path));
});

test('an upload that was accepted just before a crash is worked on after it', async () => {
  const first = await opened();
  await first.stop();
  const broker = await openLocalBroker({ folder, clock: nodeClock, startedAt: millis(Date.now()) });
  await broker.blobs.put(uploadKey('job_1'), createReadStream(JFK), { limit: 1e9 });
  await broker.sessions.create('job_1', 'somebody', newRecord(REQUEST, broker.now()));
  await broker[Symbol.asyncDispose]();
  const again = await opened();
  expect((await again.events('job_1')).map(({ type }) => type)).toEqual(
    expect.arrayContaining(['accepted', 'succeeded']),
  );
});
