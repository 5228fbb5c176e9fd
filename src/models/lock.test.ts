import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withLock } from './lock.ts';
import { pullModel } from './pull.ts';
import type { ModelStore } from './store.ts';
import { fileServer, serve } from './testing/file-server.ts';
import { CONTENT, madeIo, madeStore, sha256 } from './testing/made-store.ts';

const SUM = sha256(CONTENT);

/** Sum of the pulled file of the model `small`. */
const pulled = async (store: ModelStore): Promise<string> =>
  sha256(new Uint8Array(await readFile(join(store.folder, 'small', 'ggml-small.bin'))));
const names = (store: ModelStore): Promise<string[]> => readdir(store.folder);

describe('the lock', () => {
  const lock = async (store: ModelStore, owner: string): Promise<void> => {
    await mkdir(store.folder, { recursive: true });
    await writeFile(join(store.folder, '.small.lock'), owner);
  };

  test('keeps two pulls of one model apart', async () => {
    const server = await fileServer(serve(CONTENT));
    const store = await madeStore(server.url);
    const outcomes = await Promise.allSettled([
      pullModel(store, 'small', madeIo()),
      pullModel(store, 'small', madeIo()),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect(server.requests).toHaveLength(1);
    expect(await pulled(store)).toBe(SUM);
  });

  test.skipIf(process.platform !== 'linux')('that cannot be written is told by its folder', async () => {
    const work = withLock('/proc/self/.small.lock', 'small', () => Promise.resolve());
    await expect(work).rejects.toThrow(/^\/proc\/self cannot be written: .*--models-dir$/);
  });

  test('of a process that is gone is taken over', async () => {
    const server = await fileServer(serve(CONTENT));
    const store = await madeStore(server.url);
    const { pid } = spawnSync(process.execPath, ['--version']);
    await lock(store, `${pid} ${hostname()}\n`);
    await pullModel(store, 'small', madeIo());
    expect(await names(store)).toEqual(['small']);
  });

  test.each([
    ['of a running process', `${process.pid} ${hostname()}\n`],
    ['of another host', '1 some-other-host\n'],
  ])('%s is respected', async (_, owner) => {
    const store = await madeStore();
    await lock(store, owner);
    await expect(pullModel(store, 'small', madeIo())).rejects.toThrow(/is being pulled or removed by process/);
    expect(await names(store)).toEqual(['.small.lock']);
  });
});
