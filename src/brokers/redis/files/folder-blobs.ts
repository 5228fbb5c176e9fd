import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { access, constants, mkdir, open, readdir, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobFacts, BlobStore, Millis } from '../../../core/index.ts';
import { ScriptoriumError, heeding } from '../../../core/index.ts';
import { checkedSession, partsOfKey } from '../names.ts';

export interface FolderBlobs {
  readonly port: BlobStore;
  /** Sessions whose folder did not change for so long. */
  sessions(age: Millis): Promise<readonly string[]>;
  forget(session: string): Promise<void>;
}

/** Unfinished uploads of every process stand apart; one that is a day old is nobody's any more. */
const PARTS = '.parts';
const PART_KEPT_MS = 86_400_000;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(codeOf(error)));

function diskError(error: unknown, folder: string): ScriptoriumError {
  if (error instanceof ScriptoriumError) return error;
  const code = String(codeOf(error));
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ScriptoriumError('storage-full', `no space left for ${folder}; free some or use another folder`, {
      cause: error,
    });
  }
  const isDenied = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code);
  const message = isDenied
    ? `can't write to ${folder}; change its owner or permissions, or use another folder`
    : `${folder} can't be read or written: ${error instanceof Error ? error.message : code}`;
  return new ScriptoriumError(isDenied ? 'storage-unwritable' : 'storage-failed', message, { cause: error });
}

const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });

/** How long ago a file or folder changed, by the clock that its disk goes by; nothing when it is gone. */
async function ageOf(path: string, now: number): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => now - mtimeMs,
    () => Number.NEGATIVE_INFINITY,
  );
}

/**
 * Blobs as files of a folder that every process of a site sees: a folder a session.
 *
 * @throws ScriptoriumError `storage-unwritable`, `storage-full` or `storage-failed`.
 */
export async function folderBlobs(folder: string, checkOpen: () => void): Promise<FolderBlobs> {
  const parts = join(folder, PARTS);
  const pathOf = (key: string): string => join(folder, ...partsOfKey(key));
  const disk = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw diskError(error, folder);
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

  const prepare = async (): Promise<void> => {
    await mkdir(parts, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const now = await diskNow();
    for (const name of await namesIn(parts)) {
      if ((await ageOf(join(parts, name), now)) > PART_KEPT_MS) await rm(join(parts, name), { force: true });
    }
  };

  async function write(part: string, bytes: AsyncIterable<Uint8Array>, limit: number): Promise<BlobFacts> {
    const handle = await disk(open(part, 'wx', 0o600));
    try {
      const hash = createHash('sha256');
      let size = 0;
      for await (const chunk of bytes) {
        size += chunk.byteLength;
        if (size > limit) throw new ScriptoriumError('upload-too-large', `more than ${limit} bytes`);
        hash.update(chunk);
        for (let at = 0; at < chunk.byteLength;) at += (await disk(handle.write(chunk, at))).bytesWritten;
      }
      await disk(handle.sync());
      return { bytes: size, sha256: hash.digest('hex') };
    } finally {
      await handle.close();
    }
  }

  /** The folder may be removed as empty before the blob is in it: then once more. */
  const place = async (part: string, target: string): Promise<void> => {
    const once = async (): Promise<void> => {
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await rename(part, target);
    };
    await once().catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
      return once();
    });
  };

  const keysUnder = async (key: string): Promise<readonly string[]> => {
    const keys: string[] = [];
    for (const name of await namesIn(join(folder, ...key.split('/')))) {
      const below = await keysUnder(`${key}/${name}`);
      keys.push(...(below.length === 0 ? [`${key}/${name}`] : below));
    }
    return keys.sort();
  };

  await disk(prepare());
  return {
    port: {
      async put(key, bytes, { limit, signal }) {
        checkOpen();
        const target = pathOf(key);
        const part = join(parts, randomUUID());
        try {
          const facts = await write(part, heeded(bytes, signal), limit);
          checkOpen();
          await disk(place(part, target));
          return facts;
        } catch (error) {
          await rm(part, { force: true });
          throw error;
        }
      },
      async *open(key) {
        checkOpen();
        try {
          for await (const chunk of createReadStream(pathOf(key))) if (chunk instanceof Uint8Array) yield chunk;
        } catch (error) {
          if (isMissing(error)) throw new ScriptoriumError('blob-missing', `there is no blob ${key}`, { cause: error });
          throw diskError(error, folder);
        }
      },
      path(key) {
        const path = pathOf(key);
        return existsSync(path) ? path : undefined;
      },
      async remove(key) {
        checkOpen();
        const path = pathOf(key);
        const found = await unlink(path).then(
          () => true,
          (error: unknown) => {
            if (isMissing(error)) return false;
            throw diskError(error, folder);
          },
        );
        for (let at = dirname(path); at !== folder; at = dirname(at)) await rmdir(at).catch(() => {});
        return found;
      },
      async list(session) {
        checkOpen();
        return disk(keysUnder(checkedSession(session)));
      },
    },
    async sessions(age) {
      const names = (await disk(namesIn(folder))).filter((name) => name !== PARTS);
      if (names.length === 0) return [];
      const now = await disk(diskNow());
      const ages = await Promise.all(names.map((name) => ageOf(join(folder, name), now)));
      return names.filter((_, index) => (ages[index] ?? 0) >= age);
    },
    forget: (session) => disk(rm(join(folder, checkedSession(session)), { recursive: true, force: true })),
  };
}

/** `bytes`, until `signal` aborts: a sender that says nothing more is not waited for. */
async function* heeded(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = bytes[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await heeding(signal, chunks.next());
      ended = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a generator that waits for its sender would answer when that says something.
    if (!ended) void Promise.resolve(chunks.return?.()).catch(() => {});
  }
}
