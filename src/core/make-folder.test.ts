import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolder, type FolderIo } from './make-folder.ts';

const IO: FolderIo = { mkdir: (path) => mkdir(path), stat, dirname };

async function madeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-make-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test('makes a folder and those above it, by many at once', async () => {
  const folder = join(await madeFolder(), 'a', 'b', 'c');
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(folder, IO)));
  expect((await stat(folder)).isDirectory()).toBe(true);
  await makeFolder(folder, IO);
});

test('a file in the way, above or in its place, is told', async () => {
  const folder = await madeFolder();
  const file = join(folder, 'file');
  await writeFile(file, '');
  for (const path of [file, join(file, 'a', 'b')]) {
    await expect(makeFolder(path, IO, '; name another')).rejects.toMatchObject({
      code: 'output-unwritable',
      message: `${path} cannot be written: a file stands where a folder is needed; name another`,
    });
  }
});

test('a file system that takes no folders is asked once and told', async () => {
  const asked: string[] = [];
  const io: FolderIo = {
    mkdir: (path) => {
      asked.push(path);
      return Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }));
    },
    stat: (path) => Promise.resolve({ isDirectory: () => path === '/proc' }),
    dirname,
  };
  await expect(makeFolder('/proc/nope', io)).rejects.toMatchObject({
    code: 'output-unwritable',
    message: '/proc/nope cannot be made: no folder can be made there',
  });
  expect(asked).toEqual(['/proc/nope', '/proc', '/proc/nope']);
});
