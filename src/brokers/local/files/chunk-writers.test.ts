import { mkdir, mkdtemp, readFile, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chunkWriters } from './chunk-writers.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-writers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Files of this process that are open below the folder. */
async function openFiles(): Promise<number> {
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(names.map((name) => readlink(join('/proc/self/fd', name)).catch(() => '')));
  return targets.filter((target) => target.startsWith(folder)).length;
}

test('each file has what was written to it, however many there are, and in whatever order', async () => {
  const piece = fc.record({
    file: fc.integer({ min: 0, max: 5 }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      const writers = chunkWriters(2);
      const expected = new Map<number, number[]>();
      for (const { file, bytes } of pieces) {
        const before = expected.get(file) ?? [];
        await writers.write(join(folder, String(file)), bytes, before.length);
        expected.set(file, [...before, ...bytes]);
      }
      await writers.close();
      for (const [file, bytes] of expected) {
        expect([...(await readFile(join(folder, String(file))))]).toEqual(bytes);
        await rm(join(folder, String(file)));
      }
    }),
    { numRuns: 30 },
  );
});

test.skipIf(process.platform !== 'linux')('no more files are open than may be, and none in the end', async () => {
  const writers = chunkWriters(3);
  await Promise.all(
    Array.from({ length: 20 }, (_, file) => writers.write(join(folder, String(file)), Uint8Array.of(file), 0)),
  );
  expect(await openFiles()).toBeLessThanOrEqual(3);
  await writers.release(join(folder, '19'));
  expect(await openFiles()).toBeLessThanOrEqual(2);
  await writers.close();
  expect(await openFiles()).toBe(0);
});

test('a file that can not be written to is tried anew by the next write', async () => {
  const writers = chunkWriters(3);
  const path = join(folder, 'missing', 'file');
  await expect(writers.write(path, Uint8Array.of(1), 0)).rejects.toMatchObject({ code: 'ENOENT' });
  await mkdir(join(folder, 'missing'));
  await writers.write(path, Uint8Array.of(2), 0);
  await writers.close();
  expect([...(await readFile(path))]).toEqual([2]);
});
