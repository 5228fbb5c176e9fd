import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Broker } from '../../core/index.ts';
import { millis, samples } from '../../core/index.ts';
import { handClock } from '../../core/testing/hand-clock.ts';
import { openLocalBroker } from './local-broker.ts';
import { openStore } from './store/store.ts';
import { NO_AUDIO, bytesOf, claimed, endedNow, jobOf, optionsFor, recordOf, tempFolder } from './testing/made-data.ts';

const MIB = 2 ** 20;

test('creates its folder, for its user only', async () => {
  const folder = join(await tempFolder(), 'a', 'b');
  await using broker = await openLocalBroker(optionsFor(folder));
  expect(broker.jobs.stats().leased).toBe(0);
  expect((await stat(folder)).mode & 0o077).toBe(0);
  expect(await readFile(join(folder, 'FORMAT'), 'utf8')).toBe('scriptorium data 1\n');
});

test('refuses a folder that is in use, and takes it when it is free again', async () => {
  const folder = await tempFolder();
  const first = await openLocalBroker(optionsFor(folder));
  await expect(openLocalBroker(optionsFor(folder))).rejects.toMatchObject({
    code: 'storage-in-use',
    message: `${folder} is in use by another process; stop it or use another data folder`,
  });
  await first[Symbol.asyncDispose]();
  await using second = await openLocalBroker(optionsFor(folder));
  expect(second.jobs.stats().leased).toBe(0);
});

test('refuses data of another version, and a folder of other things, and touches neither', async () => {
  const newer = await tempFolder();
  await writeFile(join(newer, 'FORMAT'), 'scriptorium data 2\n');
  const foreign = await tempFolder();
  await writeFile(join(foreign, 'thesis.docx'), 'precious');
  for (const folder of [newer, foreign]) {
    const before = await readdir(folder);
    const opening = openLocalBroker(optionsFor(folder));
    await expect(opening).rejects.toMatchObject({ code: 'storage-incompatible' });
    await expect(opening).rejects.toThrow(/^\/.* use an empty folder$/);
    expect(await readdir(folder)).toEqual(before);
  }
});

test('takes a folder in which an aggregator of a site has left its secret', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'webhook-secret'), 'whsec_AAAA\n');
  await using broker = await openLocalBroker(optionsFor(folder));
  expect(broker.failure()).toBeUndefined();
  expect(await readFile(join(folder, 'webhook-secret'), 'utf8')).toBe('whsec_AAAA\n');
});

test('refuses a folder that it may not write, and says which', async () => {
  const file = join(await tempFolder(), 'file');
  await writeFile(file, '');
  for (const folder of [file, join(file, 'below')]) {
    await expect(openLocalBroker(optionsFor(folder))).rejects.toMatchObject({
      code: 'storage-unwritable',
      message: `can't write to ${folder}; change its owner or permissions, or use another data folder`,
    });
  }
});

test.runIf(process.platform === 'linux')(
  'refuses a folder where none can be made, rather than try for ever',
  async () => {
    await expect(openLocalBroker(optionsFor('/proc/none/below'))).rejects.toMatchObject({
      code: 'storage-unwritable',
      message: "/proc/none can't be made; use another data folder",
    });
  },
);

test('lets go of a folder that it could not open to the end', async () => {
  const folder = await tempFolder();
  await openLocalBroker(optionsFor(folder)).then((broker) => broker[Symbol.asyncDispose]());
  await rm(join(folder, 'blobs'), { recursive: true });
  await writeFile(join(folder, 'blobs'), 'in the way');
  await expect(openLocalBroker(optionsFor(folder))).rejects.toMatchObject({ code: 'storage-unwritable' });
  await rm(join(folder, 'blobs'));
  await using broker = await openLocalBroker(optionsFor(folder));
  expect(broker.failure()).toBeUndefined();
});

test('refuses to start on a full disk, and takes nothing new when it fills up, but lets what is there end', async () => {
  const folder = await tempFolder();
  let free = 10 * MIB;
  const clock = handClock();
  const opening = { ...optionsFor(folder), clock, freeBytes: async () => free };
  await expect(openLocalBroker(opening)).rejects.toMatchObject({
    code: 'storage-full',
    message: `only 10 MiB free for ${folder}, 64 needed; free some or use another data folder`,
  });
  free = 100 * MIB;
  await using broker = await openLocalBroker(opening);
  await broker.jobs.put(jobOf('a'));
  await broker.sessions.create('session', 'tenant', recordOf('a'));
  free = 63 * MIB;
  await clock.pass(1000);
  const full = { code: 'storage-full' };
  await expect(broker.jobs.put(jobOf('b'))).rejects.toMatchObject(full);
  await expect(broker.sessions.create('other', 'tenant', recordOf('b'))).rejects.toMatchObject(full);
  await expect(broker.audio.append('session', 0, samples(0), Int16Array.of(1))).rejects.toMatchObject(full);
  await expect(broker.blobs.put('session/upload', bytesOf('a'), { limit: 10 })).rejects.toMatchObject(full);
  expect(await broker.results.commit(await claimed(broker.jobs), { type: 'prepared', channels: [] })).toBe('committed');
  expect(await broker.events.append('session', 0, [{ type: 'accepted' }])).toMatchObject({ status: 'ok' });
  expect(await broker.sessions.save('session', 1, recordOf('c'))).toBe('ok');
  free = 100 * MIB;
  await clock.pass(1000);
  expect(await broker.jobs.put(jobOf('b'))).toBe('queued');
});

test('fails every call behind a write that failed, says why, and has all that it promised when it is opened again', async () => {
  const folder = await tempFolder();
  const broker = await openLocalBroker(optionsFor(folder));
  await broker.jobs.put(jobOf('a'));
  expect(broker.failure()).toBeUndefined();
  const batch = vi.spyOn(ClassicLevel.prototype, 'batch').mockRejectedValueOnce(new Error('IO error: bad sector'));
  onTestFinished(() => batch.mockRestore());
  const failed = { code: 'storage-failed' };
  await expect(broker.jobs.put(jobOf('b'))).rejects.toMatchObject(failed);
  expect(broker.failure()).toMatchObject(failed);
  await expect(broker.jobs.claim({ worker: 'worker', wait: millis(0) })).rejects.toMatchObject(failed);
  await expect(broker.sessions.read('session')).rejects.toMatchObject(failed);
  await broker[Symbol.asyncDispose]();
  await using again = await openLocalBroker(optionsFor(folder));
  expect((await claimed(again.jobs)).id).toBe('a');
});

test('bounds the audio under way, and has room again when some is dropped', async () => {
  await using broker = await openLocalBroker({ ...optionsFor(await tempFolder()), bounds: { audioBytes: 2000 } });
  const append = (session: string) => broker.audio.append(session, 0, samples(0), new Int16Array(600));
  await append('one');
  await expect(append('two')).rejects.toMatchObject({ code: 'storage-full' });
  await broker.audio.trim('one', 0, samples(300));
  await broker.audio.drop('one');
  expect(await append('two')).toMatchObject({ end: 600 });
});

/** Every byte that stands under a folder. */
async function allBytes(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true });
  const paths = names.map((name) => join(folder, name));
  const texts = paths.map(async (path) => ((await stat(path)).isFile() ? readFile(path, 'latin1') : ''));
  return (await Promise.all(texts)).join('\n');
}

test.each(['when it closes', 'in time', 'after a crash'])(
  'leaves nothing of a forgotten session on the disk, in whatever file, %s',
  async (when) => {
    const folder = await tempFolder();
    const clock = handClock();
    const broker = await openLocalBroker({ ...optionsFor(folder), clock });
    const spoken = ['kingfisher', 'marmalade', 'sextant'];
    const kept = 'lighthouse';
    await broker.sessions.create('gone', 'tenant', recordOf('marmalade.wav'));
    await broker.sessions.create('kept', 'tenant', recordOf(kept));
    const failed = (message: string) => ({ type: 'failed', code: 'engine-failed', message }) as const;
    await broker.events.append('gone', 0, [{ ...failed('kingfisher'), ledger: NO_AUDIO }]);
    await broker.jobs.put(jobOf('a', 'gone'));
    await broker.results.commit(await claimed(broker.jobs), failed('sextant'));
    const [outcome] = await broker.results.take({ consumer: 'aggregator', limit: 1, wait: millis(0) });
    await broker.results.done([outcome?.id ?? 0]);
    await broker.blobs.put('gone/upload', bytesOf('kingfisher'), { limit: 100 });
    const before = await allBytes(folder);
    for (const word of spoken) expect(before).toContain(word);
    await broker.forget('gone');
    if (when === 'in time') await clock.pass(30_000);
    const left = when === 'after a crash' ? await endedNow(folder, broker) : folder;
    await broker[Symbol.asyncDispose]();
    if (when === 'after a crash') await openLocalBroker(optionsFor(left)).then((again) => again[Symbol.asyncDispose]());
    const after = await allBytes(left);
    for (const word of spoken) expect(after).not.toContain(word);
    expect(after).toContain(kept);
  },
);

test('hands out a job of one attempt again when the process ended, and makes it a dead letter at the tenth time', async () => {
  let folder = await tempFolder();
  for (let end = 0; end < 10; end++) {
    const broker = await openLocalBroker(optionsFor(folder));
    if (end === 0) await broker.jobs.put(jobOf('a'));
    expect(await claimed(broker.jobs)).toMatchObject({ id: 'a', attempt: 1 });
    folder = await endedNow(folder, broker);
  }
  await using broker = await openLocalBroker(optionsFor(folder));
  const reason = 'the server ended 10 times while it was under way';
  expect(await broker.jobs.dead(10)).toMatchObject([{ id: 'a', reason }]);
  const outcomes = await broker.results.take({ consumer: 'aggregator', limit: 10, wait: millis(0) });
  expect(outcomes).toMatchObject([{ jobId: 'a', outcome: { type: 'dead', reason } }]);
});

test('does not hand out again what was cancelled while it was under way, after a crash either', async () => {
  const folder = await tempFolder();
  const broker = await openLocalBroker(optionsFor(folder));
  for (const id of ['cancelled', 'superseded']) await broker.jobs.put({ ...jobOf(id), supersedeKey: id });
  expect([(await claimed(broker.jobs)).id, (await claimed(broker.jobs)).id]).toEqual(['cancelled', 'superseded']);
  await broker.jobs.cancel('cancelled');
  await broker.jobs.put({ ...jobOf('newer'), supersedeKey: 'superseded' });
  await using again = await openLocalBroker(optionsFor(await endedNow(folder, broker)));
  expect((await claimed(again.jobs)).id).toBe('newer');
  expect(again.jobs.stats().classes.batch.depth).toBe(1);
});

test('lets audio that is sent anew wait until the earlier audio of its session is gone', async () => {
  await using broker = await openLocalBroker({ ...optionsFor(await tempFolder()), bounds: { audioBytes: 3000 } });
  const append = (at: number) => broker.audio.append('session', 0, samples(at), new Int16Array(1000).fill(at));
  for (let round = 0; round < 20; round++) {
    const steps = [append(0), broker.audio.drop('session'), append(0), append(1000).catch(() => undefined)];
    expect((await Promise.all(steps))[2]).toMatchObject({ end: 1000, duplicate: false });
    await broker.audio.drop('session');
  }
});

test('goes on forgetting a session where the process ended in the middle of it', async () => {
  const folder = await tempFolder();
  const broker = await openLocalBroker(optionsFor(folder));
  await broker.sessions.create('gone', 'tenant', recordOf('gone'));
  await broker.events.append('gone', 0, [{ type: 'accepted' }]);
  await broker.blobs.put('gone/upload', bytesOf('upload'), { limit: 100 });
  await broker[Symbol.asyncDispose]();
  // As far as the first of its writes.
  const store = await openStore(folder, handClock());
  await store.write([{ key: 'session/gone' }, { key: 'session-of/tenant/gone' }, { key: 'forget/gone', value: '' }]);
  await store.close();
  await using again = await openLocalBroker(optionsFor(folder));
  expect(await again.sessions.read('gone')).toBeUndefined();
  expect(await again.events.read('gone', 0, 10)).toEqual([]);
  expect(await again.blobs.list('gone')).toEqual([]);
});

test('leaves no empty folder when the last blob of a session is removed', async () => {
  const folder = await tempFolder();
  await using broker = await openLocalBroker(optionsFor(folder));
  for (const key of ['session/upload', 'session/deep/er']) await broker.blobs.put(key, bytesOf('a'), { limit: 1 });
  await broker.blobs.remove('session/deep/er');
  expect(await readdir(join(folder, 'blobs', 'session'))).toEqual(['upload']);
  await broker.blobs.remove('session/upload');
  expect(await readdir(join(folder, 'blobs'))).toEqual(['.parts']);
});

test('removes uploads that a process left half written', async () => {
  const folder = await tempFolder();
  const parts = join(folder, 'blobs', '.parts');
  await openLocalBroker(optionsFor(folder)).then((broker) => broker[Symbol.asyncDispose]());
  await writeFile(join(parts, '7'), 'half of an upl');
  await using broker = await openLocalBroker(optionsFor(folder));
  expect(await readdir(parts)).toEqual([]);
  expect(await broker.blobs.list('session')).toEqual([]);
});

test('ends a track of audio at the file that a power cut left short', async () => {
  const folder = await tempFolder();
  const first = await openLocalBroker(optionsFor(folder));
  await first.sessions.create('session', 'tenant', recordOf('a'));
  await first.audio.append('session', 0, samples(0), new Int16Array(2_000_000).fill(7));
  await first[Symbol.asyncDispose]();
  await writeFile(join(folder, 'audio', 'session', '0', '0.pcm'), new Uint8Array(2001));
  await using broker = await openLocalBroker(optionsFor(folder));
  const range = (to: number) =>
    broker.audio.range({ session: 'session', channel: 0, from: samples(0), to: samples(to) });
  expect((await range(1000)).length).toBe(1000);
  await expect(range(1001)).rejects.toMatchObject({ code: 'audio-gone' });
  expect(await broker.audio.append('session', 0, samples(1000), Int16Array.of(1))).toMatchObject({ end: 1001 });
});

test('is open within five seconds with 1,000 queued jobs, none lost and none twice', async () => {
  const folder = await tempFolder();
  const ids = Array.from({ length: 1000 }, (_, index) => `job-${index}`);
  const first = await openLocalBroker(optionsFor(folder));
  await Promise.all(ids.map((id) => first.jobs.put(jobOf(id))));
  await first[Symbol.asyncDispose]();
  const start = performance.now();
  await using broker: Broker = await openLocalBroker(optionsFor(folder));
  expect(performance.now() - start).toBeLessThan(5000);
  const seen: string[] = [];
  while (seen.length < ids.length) {
    const lease = await claimed(broker.jobs);
    seen.push(lease.id);
    void broker.jobs.ack(lease);
  }
  expect(seen).toEqual(ids);
  expect(await broker.jobs.claim({ worker: 'worker', wait: millis(0) })).toBeNull();
});
