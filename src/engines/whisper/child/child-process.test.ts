import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { constants, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { engineForker, forkEngine } from './child-process.ts';

const MODEL = fileURLToPath(new URL('../../../../models/ggml-tiny.en-q8_0.bin', import.meta.url));

let folder = '';
beforeEach(async () => {
  // The child is TypeScript here, and inherits what lets Node read it.
  vi.stubEnv('NODE_OPTIONS', `${process.env['NODE_OPTIONS'] ?? ''} --import tsx`);
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-test-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

test(
  'a child that is told to leave while it builds graphs leaves nothing half-built behind',
  { timeout: 30_000 },
  async () => {
    const child = forkEngine();
    const ended = new Promise<string>((resolve) => child.onExit(resolve));
    const heard: string[] = [];
    child.onMessage(({ type }) => void heard.push(type));
    child.send({
      type: 'load',
      request: { modelPath: MODEL, modelName: 'made', cacheFolder: folder, precision: 'int8', threads: 1 },
    });
    await vi.waitUntil(async () => (await readdir(folder)).length > 0, { timeout: 20_000, interval: 5 });
    child.leave();
    expect(await ended).toBe('exit code 0');
    expect(heard).toEqual(['alive']);
    expect(await readdir(folder)).toEqual([]);
  },
);

test('a child runs at the priority that it is given, and is started all the same when it cannot be', async () => {
  const { PRIORITY_LOW } = constants.priority;
  const child = engineForker(PRIORITY_LOW)();
  const ended = new Promise<string>((resolve) => child.onExit(resolve));
  expect(getPriority(child.pid)).toBe(PRIORITY_LOW);
  const other = engineForker(1000)();
  expect(getPriority(other.pid)).toBe(getPriority());
  child.kill();
  other.kill();
  await ended;
});

test('a child that is told to leave before it has begun is gone at once', async () => {
  const child = forkEngine();
  const ended = new Promise<string>((resolve) => child.onExit(resolve));
  child.leave();
  expect(await ended).toBe('SIGKILL');
});
