import { mkdir, open, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

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

/** The same of a folder, in fewer steps. */
export async function removeFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (entries === undefined) return;
  try {
    await Promise.all(
      entries.map((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? removeFolder(path) : unlink(path);
      }),
    );
    await rmdir(folder);
  } catch {
    // Somebody else removes it too, or writes to it still.
    await removeAll(folder);
  }
}

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

/** Makes a folder and those above it, its owner's alone. @param lasting whether it is to outlive a power cut. */
export async function makeFolder(folder: string, lasting = true): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (lasting && first !== undefined) await syncFolder(dirname(first));
}

/** Gives a written and synced file its name, so that it is there whole or not at all. @param lasting as in `makeFolder`. */
export async function publish(from: string, to: string, lasting = true): Promise<void> {
  await rename(from, to);
  if (lasting) await syncFolder(dirname(to));
}
