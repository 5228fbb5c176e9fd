import { randomUUID } from 'node:crypto';
import { access, constants, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { blobFolder } from '../../blob-folder.ts';
import type { BlobHome } from '../../blob-home.ts';
import { namesIn, removeAll } from '../../files.ts';
import { storageError } from '../../storage-error.ts';

/** An unfinished upload that is a day old is nobody's any more. */
const PART_KEPT_MS = 86_400_000;

/** How long ago a file or folder changed, by the clock that its disk goes by; nothing when it is gone. */
async function ageOf(path: string, now: number): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => now - mtimeMs,
    () => Number.NEGATIVE_INFINITY,
  );
}

/**
 * Blobs in a folder that every process of a site sees: what is half written may be another's.
 *
 * @throws ScriptoriumError `storage-unwritable`, `storage-full` or `storage-failed`.
 */
export async function sharedBlobs(folder: string, checkOpen: () => void): Promise<BlobHome> {
  const blobs = await blobFolder(folder, { checkOpen });
  const { port, parts } = blobs;

  /** Now, as the folder's disk tells it: it may be another machine's. */
  const diskNow = async (): Promise<number> => {
    const probe = join(parts, randomUUID());
    const handle = await open(probe, 'wx');
    const { mtimeMs } = await handle.stat();
    await handle.close();
    await rm(probe, { force: true });
    return mtimeMs;
  };

  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const now = await diskNow();
    for (const name of await namesIn(parts)) {
      if ((await ageOf(join(parts, name), now)) > PART_KEPT_MS) await removeAll(join(parts, name));
    }
  } catch (error) {
    throw storageError(error, folder);
  }
  return {
    port,
    async *sessions(age) {
      const names = await blobs.sessions();
      if (names.length === 0) return;
      const now = await diskNow();
      for (const name of names) if ((await ageOf(join(folder, name), now)) >= age) yield name;
    },
    forget: (session) => blobs.forget(session),
    close: async () => {},
  };
}
