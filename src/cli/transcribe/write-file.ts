import { rmSync } from 'node:fs';
import { access, constants, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { makeFolder as makeFolderBy, unwritable } from '../../core/index.ts';
import { writeStream } from './write-stream.ts';

/** Files in the making, so that an end without warning can remove them. */
const unfinished = new Set<string>();
let made = 0;

/** Where a text of some name goes: into a file, with links followed, or into a device or pipe. */
interface Target {
  readonly kind: 'file' | 'folder' | 'stream';
  readonly path: string;
}

async function targetOf(path: string): Promise<Target> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return { kind: 'file', path };
  if (facts.isDirectory()) return { kind: 'folder', path };
  const real = facts.isFile() ? await realpath(path).catch(() => undefined) : undefined;
  return real === undefined ? { kind: 'stream', path } : { kind: 'file', path: real };
}

/** Whether a file stands there already; a device or pipe only takes what is written, and holds nothing to keep. */
export const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );

/** Whether both are there and are one file, by whatever links. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  if (one === other) return true;
  const [a, b] = await Promise.all([one, other].map((path) => stat(path, { bigint: true }).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

/**
 * Writes a file whole or not at all: into a neighbour first, which then takes its name. A device or pipe stays what it is.
 * @param signal ends the wait for a pipe's reader; files are written all the same.
 * @throws ScriptoriumError `output-unwritable` (no permission, no space, a folder in the way); nothing is left behind.
 */
export async function writeWhole(path: string, text: string, signal?: AbortSignal): Promise<void> {
  const target = await targetOf(path);
  if (target.kind === 'stream') await writeStream(path, text, signal);
  else await replace(target.path, path, text);
}

/** @param name what the file is called in messages. */
async function replace(path: string, name: string, text: string): Promise<void> {
  made++;
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${String(process.pid)}-${String(made)}.part`);
  unfinished.add(temporary);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
      // Full disks and quotas of network folders tell here, not at the write.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    // Where it could not even be made there is nothing to remove; the first failure is the one to tell.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(name, cause);
  } finally {
    unfinished.delete(temporary);
  }
}

/** A path as people read it: from the working folder where it stands in there. */
export function shortPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}

/** Tells before hours of work what would fail after them. @throws ScriptoriumError `output-unwritable`. */
export async function expectWritable(path: string): Promise<void> {
  const target = await targetOf(path);
  if (target.kind === 'folder') throw unwritable(path, Object.assign(new Error('a folder'), { code: 'EISDIR' }));
  try {
    // A name with a slash behind it is a folder or nothing.
    await access(target.kind === 'stream' ? path : join(dirname(target.path), '/'), constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** Makes a folder and those above it. @throws ScriptoriumError `output-unwritable`. */
export const makeFolder = (path: string): Promise<void> =>
  makeFolderBy(path, { mkdir, stat, dirname }, '; name another with --output-dir');

/** Removes what `writeWhole` has begun; at once, for a process that ends. */
export function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}
