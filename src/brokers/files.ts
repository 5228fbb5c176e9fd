import { mkdir, open, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a data folder has in it about its format; that of a server without Redis has its blobs beside it. */
export const FORMAT_FILE = 'FORMAT';
/** Made in a data folder by whoever sends webhooks, before there is any other data; an aggregator of a site has nothing else there. */
export const WEBHOOK_SECRET_FILE = 'webhook-secret';

/** Names in a folder; none when it isn't there. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
}

const MISSING: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'EISDIR'];

/** Whether an error of Node says that there is no such file; a folder is none, and a file is no folder. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && MISSING.includes(error.code);

/** Removes a file or a folder with all that is in it; fine when there is none. */
export const removeAll = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

/** Removes a file; `false` when there is none. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Removes a folder if nothing is in it. */
export const removeEmpty = (folder: string): Promise<void> => rmdir(folder).catch(() => undefined);

/** Makes what a folder lists last through a power cut. Windows can't open folders, and doesn't need to. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder and those above it, its owner's alone, to last through a power cut. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first !== undefined) await syncFolder(dirname(first));
}

/** Gives a written and synced file its name, so that it is there whole or not at all. */
export async function publish(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}
