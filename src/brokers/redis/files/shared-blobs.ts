import { randomUUID } from 'node:crypto';
import { access, constants, copyFile, link, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ScriptoriumError } from '../../../core/index.ts';
import { blobFolder } from '../../blob-folder.ts';
import type { BlobHome } from '../../blob-home.ts';
import { FORMAT_FILE, isMissing, namesIn, removeAll } from '../../files.ts';
import { isNoBlob } from '../../names.ts';
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

/** In it a folder says which it is. No session's name begins with a dot. */
const MARK = '.site';

const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** Of a file; undefined where there is none. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Of many processes that begin at once one writes it, whole before it is seen. */
async function claimed(path: string, parts: string, text: string): Promise<string> {
  const draft = join(parts, randomUUID());
  await writeFile(draft, `${text}\n`, { mode: 0o600 });
  try {
    await link(draft, path).catch(async (error: unknown) => {
      if (isThere(error)) return;
      // Some shares know no links.
      await copyFile(draft, path, constants.COPYFILE_EXCL).catch((failure: unknown) => {
        if (!isThere(failure)) throw failure;
      });
    });
  } finally {
    await rm(draft, { force: true });
  }
  return (await readFile(path, 'utf8')).trim();
}

/**
 * Blobs in a folder that every process of a site sees: what is half written may be another's.
 *
 * @throws ScriptoriumError `storage-unwritable`, `storage-full` or `storage-failed`.
 */
export async function sharedBlobs(folder: string, checkOpen: () => void): Promise<BlobHome> {
  const blobs = await blobFolder(folder, { checkOpen });
  const { port, parts } = blobs;
  const markedAt = join(folder, MARK);
  const disk = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw storageError(error, folder);
    });

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
  /** A server without Redis marks nothing, and keeps its records beside its blobs. */
  const checkNotLocal = async (): Promise<void> => {
    const sessions = await blobs.sessions();
    if (sessions.length === 0 || (await textOf(markedAt)) !== undefined) return;
    if ((await textOf(join(folder, '..', FORMAT_FILE))) === undefined) return;
    throw new ScriptoriumError(
      'broker-refused',
      `${folder} holds uploads and transcripts of a server without Redis, and what Redis has no record of is removed; name another folder by --blobs-dir`,
    );
  };

  return {
    port,
    async *sessions(age) {
      const names = await blobs.sessions();
      if (names.length === 0) return;
      const now = await diskNow();
      for (const name of names) if ((await ageOf(join(folder, name), now)) >= age) yield name;
    },
    mark: () => disk(textOf(markedAt)),
    // Its second word tells it from another folder that is claimed for the same site at the same time.
    async claim(prefix, site) {
      await disk(checkNotLocal());
      return disk(claimed(markedAt, parts, `${prefix} ${randomUUID()} ${site}`));
    },
    markedAt,
    nameOf: (mark) => `folder ${mark}`,
    async forget(session) {
      const keys = await port.list(session);
      if (!keys.some(isNoBlob)) await blobs.forget(session);
    },
    close: async () => {},
  };
}
