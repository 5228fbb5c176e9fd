import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { millis, ScriptoriumError, type Logger } from '../../core/index.ts';
import { handClock } from '../../core/testing/hand-clock.ts';
import { nodeClock } from '../node-clock.ts';
import { serverSettingsOf } from './server-settings.ts';
import { startServer } from './start-server.ts';
import { watchSpace } from './watch-space.ts';

test('looks once a second, and says once when the room is gone and once when it is back', async () => {
  const clock = handClock();
  const lines: unknown[] = [];
  const write = (message: string, facts?: object): void => void lines.push([message, facts]);
  const log: Logger = { debug: write, info: write, warn: write, error: write, with: () => log };
  let looks = 0;
  let isFull = false;
  const space = watchSpace(
    async () => {
      looks += 1;
      if (isFull) throw new ScriptoriumError('storage-full', 'only 3 MiB free');
    },
    clock,
    log,
  );
  await clock.pass(10_000);
  expect([looks, space.failure(), lines]).toEqual([11, undefined, []]);
  isFull = true;
  await clock.pass(5000);
  expect(space.failure()).toMatchObject({ code: 'storage-full' });
  isFull = false;
  await clock.pass(5000);
  expect(space.failure()).toBeUndefined();
  expect(lines).toEqual([
    [expect.stringContaining('nothing new is taken'), { code: 'storage-full', reason: 'only 3 MiB free' }],
    ['the disk has room again', undefined],
  ]);
  space.stop();
  expect(clock.timers()).toBe(0);
});

test('a server whose disk has too little left is not ready, and says so in its log', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-space-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const env = { SCRIPTORIUM_ENGINE: 'scripted', SCRIPTORIUM_PORT: '0', SCRIPTORIUM_DATA_DIR: join(folder, 'data') };
  const machine = { platform: 'linux', home: folder, env } as const;
  const { config } = await loadConfig({ flags: new Map(), machine, cwd: folder });
  const log: string[] = [];
  let free = 2 ** 40;
  const server = await startServer(serverSettingsOf(config, env, 'all', true), {
    clock: nodeClock,
    now: () => new Date(),
    log: (line) => void log.push(line),
    version: '0.0.0',
    freeBytes: async () => free,
  });
  onTestFinished(() => server.stop(millis(0)));
  await server.ready;
  const ready = async (): Promise<readonly unknown[]> => {
    const response = await fetch(`${server.url}/readyz`);
    return [response.status, await response.text()];
  };
  const eventually = (wanted: readonly unknown[]): Promise<void> =>
    vi.waitFor(async () => expect(await ready()).toEqual(wanted), { timeout: 10_000 });
  await eventually([200, 'ok\n']);
  free = 3 * 2 ** 20;
  await eventually([503, expect.stringMatching(/^\[-\]storage only 3 MiB free for .*\nnot ready\n$/)]);
  const body = new FormData();
  body.append('file', new Blob(['RIFF']), 'a.wav');
  expect((await fetch(`${server.url}/v1/jobs`, { method: 'POST', body })).status).toBe(507);
  free = 2 ** 40;
  await eventually([200, 'ok\n']);
  const told = log.filter((line) => /the disk has/.test(line));
  expect(told).toEqual([expect.stringContaining('too little left'), expect.stringContaining('room again')]);
});
