import { spawn, spawnSync } from 'node:child_process';
import { lstat, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { expectWritable, isFile, isSameFile, removeUnfinished, shortPath, writeWhole } from './write-file.ts';

vi.mock(import('node:fs/promises'), async (original) => {
  const actual = await original();
  return { ...actual, open: vi.fn<typeof actual.open>(actual.open) };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-write-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The next file fails in the middle of its text, as on a full disk. */
function failNextWrite(code: string, before: () => void = () => undefined): void {
  const real = vi.mocked(open).getMockImplementation();
  vi.mocked(open).mockImplementationOnce(async (...args) => {
    const file = await real?.(...args);
    if (file === undefined) throw new Error('open has an implementation');
    file.writeFile = async () => {
      await file.write('half of');
      before();
      throw Object.assign(new Error(code), { code });
    };
    return file;
  });
}

test('a file appears whole, in place of the one before, and with no other beside it', async () => {
  const path = join(folder, 'a.txt');
  await writeFile(path, 'old');
  await writeWhole(path, 'new');
  expect(await readFile(path, 'utf8')).toBe('new');
  expect(await readdir(folder)).toEqual(['a.txt']);
});

test.each([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'your share of the disk is used up'],
  ['EIO', 'EIO'],
])('a write that fails with %s keeps the old file and leaves no half of the new one', async (code, reason) => {
  const path = join(folder, 'a.txt');
  await writeFile(path, 'old');
  failNextWrite(code);
  await expect(writeWhole(path, 'new')).rejects.toMatchObject({
    code: 'output-unwritable',
    message: `${path} cannot be written: ${reason}`,
  });
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['a.txt']);
});

test('an end without warning removes what is half-written', async () => {
  let left: readonly string[] = ['not looked at'];
  const { readdirSync } = await import('node:fs');
  failNextWrite('EIO', () => {
    removeUnfinished();
    left = readdirSync(folder);
  });
  await expect(writeWhole(join(folder, 'a.txt'), 'new')).rejects.toMatchObject({ code: 'output-unwritable' });
  expect(left).toEqual([]);
});

test('a folder that is missing is told', async () => {
  await expect(writeWhole(join(folder, 'no', 'a.txt'), 'x')).rejects.toThrow('there is no such folder');
});

test('a name as long as names may be is written', async () => {
  const path = join(folder, `${'n'.repeat(251)}.txt`);
  await writeWhole(path, 'x');
  expect(await readFile(path, 'utf8')).toBe('x');
});

test('a pipe is written to and stays one, and is no file to keep', async () => {
  const path = join(folder, 'pipe');
  spawnSync('mkfifo', [path]);
  expect(await isFile(path)).toBe(false);
  await expectWritable(path);
  const read = spawnReader(path);
  await writeWhole(path, 'new');
  expect((await lstat(path)).isFIFO()).toBe(true);
  expect(await read).toBe('new');
});

test('a pipe that nobody reads is waited for only until the work is taken back', async () => {
  const path = join(folder, 'pipe');
  spawnSync('mkfifo', [path]);
  const stop = new AbortController();
  const real = vi.mocked(open).getMockImplementation();
  vi.mocked(open).mockImplementationOnce((...args) => {
    if (real === undefined) throw new Error('open has an implementation');
    const opening = real(...args);
    stop.abort();
    return opening;
  });
  await expect(writeWhole(path, 'new', stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
});

/** What comes out of a pipe; by a process, which can be ended where a read cannot. */
function spawnReader(path: string): Promise<string> {
  const cat = spawn('cat', [path]);
  onTestFinished(() => void cat.kill());
  return text(cat.stdout);
}

test('a link stays one, and what it leads to is replaced', async () => {
  const path = join(folder, 'a.txt');
  const link = join(folder, 'link');
  await writeFile(path, 'old');
  await symlink('a.txt', link);
  await writeWhole(link, 'new');
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readFile(path, 'utf8')).toBe('new');
  expect([await isSameFile(link, path), await isSameFile(folder, path), await isSameFile(path, 'none')]).toEqual([
    true,
    false,
    false,
  ]);
});

test('a folder in the way is told before the work', async () => {
  await expect(expectWritable(folder)).rejects.toThrow(`${folder} cannot be written: a folder has this name`);
});

test('paths are short inside the working folder and whole outside it', () => {
  expect([shortPath('/a/b/c.txt', '/a'), shortPath('/x/c.txt', '/a')]).toEqual(['b/c.txt', '/x/c.txt']);
});
