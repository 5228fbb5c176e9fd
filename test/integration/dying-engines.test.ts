/** Engines that die again and again, through the fault of one recording or of nobody. */
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nodeClock } from '../../src/app/node-clock.ts';
import type { Engine } from '../../src/core/index.ts';
import { millis, ScriptoriumError } from '../../src/core/index.ts';
import { scriptedEngine } from '../../src/engines/scripted/index.ts';
import { JFK, fileService, loadVad, removeFolder, tempFolder, type FileService } from './testing/file-service.ts';

/** Deaths so far apart are different moments. */
const APART_MS = 2000;
/** Long enough for the job that died before to be leased again. */
const LATER_MS = 50;

let folder: string;
let service: FileService | undefined;

beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  await service?.stop('give-back');
  await removeFolder(folder);
});

/** A service whose engine dies with all that it has in hand, so many times; first when that are so many segments. */
async function dyingService(deaths: number, first: number) {
  let passed = 0;
  let died = 0;
  let asked = 0;
  const clock = { ...nodeClock, now: () => millis(nodeClock.now() + passed) };
  const heard = scriptedEngine({ clock: nodeClock, concurrency: 2, service: () => millis(1) });
  let dying: Promise<never> | undefined;
  const engine: Engine = {
    ...heard,
    transcribe(segment, options, signal) {
      if (dying === undefined && died >= deaths) return heard.transcribe(segment, options, signal);
      asked++;
      // Whoever comes before it is gone dies with it.
      dying ??= vi
        .waitFor(() => expect(asked).toBeGreaterThanOrEqual(first), { interval: 5, timeout: 10_000 })
        .then(() => setTimeout(LATER_MS))
        .then(() => {
          died++;
          passed += APART_MS;
          dying = undefined;
          throw new ScriptoriumError('engine-crashed', 'SIGKILL');
        });
      return dying;
    },
  };
  service = await fileService({ folder, engine, vad: await loadVad(), slots: 2, clock });
  return { ...service, died: () => died };
}

test('a recording that kills three engines by itself has failed', async () => {
  const { submit, ended, died } = await dyingService(100, 1);
  await submit('job_1', JFK);
  expect(await ended('job_1')).toMatchObject({ type: 'failed', code: 'engine-crashed' });
  expect(died()).toBe(3);
});

test('recordings with which engines die in turn are heard all the same: it is something else that kills them', async () => {
  const { submit, ended, died } = await dyingService(10, 2);
  await submit('job_1', JFK);
  await submit('job_2', JFK);
  expect(await ended('job_1')).toMatchObject({ type: 'succeeded' });
  expect(await ended('job_2')).toMatchObject({ type: 'succeeded' });
  expect(died()).toBe(10);
});
