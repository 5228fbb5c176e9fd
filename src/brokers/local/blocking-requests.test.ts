import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { expect, onTestFinished, test, vi } from 'vitest';
import { samples } from '../../core/index.ts';
import { openLocalBroker } from './local-broker.ts';
import { bytesOf, claimed, endedNow, jobOf, optionsFor, recordOf, tempFolder } from './testing/made-data.ts';

const ASKED = { ...recordOf('asked'), request: { ...recordOf('asked').request, jobClass: 'interactive' } } as const;

test('keeps what is written for a blocking request together, and shows it meanwhile', async () => {
  const folder = await tempFolder();
  const broker = await openLocalBroker(optionsFor(folder));
  const batch = vi.spyOn(ClassicLevel.prototype, 'batch');
  onTestFinished(() => batch.mockRestore());
  await broker.sessions.create('asked', 'tenant', ASKED);
  await broker.events.append('asked', 0, [{ type: 'accepted' }]);
  expect(await broker.events.read('asked', 0, 10)).toMatchObject([{ seq: 1 }]);
  expect(await broker.sessions.list({ order: 'asc', limit: 10 })).toMatchObject([{ id: 'asked' }]);
  expect(batch).not.toHaveBeenCalled();
  await broker[Symbol.asyncDispose]();
  await using again = await openLocalBroker(optionsFor(folder));
  expect(await again.events.read('asked', 0, 10)).toMatchObject([{ seq: 1 }]);
  expect(await again.sessions.read('asked')).toMatchObject({ version: 1, tenant: 'tenant' });
});

test('gives up a job of a blocking request that was under way at so many ends of the server', async () => {
  let folder = await tempFolder();
  for (let end = 0; end < 10; end++) {
    const broker = await openLocalBroker(optionsFor(folder));
    if (end === 0) {
      await broker.sessions.create('asked', 'tenant', ASKED);
      await broker.jobs.put({ ...jobOf('a', 'asked'), jobClass: 'interactive' });
    }
    expect(await claimed(broker.jobs)).toMatchObject({ id: 'a', attempt: 1 });
    folder = await endedNow(folder, broker);
  }
  await using broker = await openLocalBroker(optionsFor(folder));
  expect(await broker.jobs.dead(10)).toMatchObject([{ id: 'a' }]);
});

test('keeps sound and small blobs of a blocking request off the disk, and forgets them', async () => {
  const folder = await tempFolder();
  await using broker = await openLocalBroker(optionsFor(folder));
  await broker.sessions.create('asked', 'tenant', ASKED);
  await broker.sessions.create('job', 'tenant', recordOf('job'));
  for (const session of ['asked', 'job']) {
    await broker.blobs.put(`${session}/upload`, bytesOf('RIFF'), { limit: 4, lasting: session === 'job' });
    await broker.audio.append(session, 0, samples(0), new Int16Array(10));
  }
  expect([await readdir(join(folder, 'audio')), await readdir(join(folder, 'blobs'))]).toEqual([
    ['job'],
    ['.parts', 'job'],
  ]);
  for (const session of ['asked', 'job']) {
    expect([await broker.audio.end(session, 0), await broker.blobs.list(session)]).toEqual([10, [`${session}/upload`]]);
    await broker.forget(session);
    expect([await broker.audio.end(session, 0), await broker.blobs.list(session)]).toEqual([0, []]);
  }
});
