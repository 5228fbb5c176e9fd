import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobFacts, BlobStore } from '../core/index.ts';
import { ScriptoriumError } from '../core/index.ts';
import { isMissing, makeFolder, namesIn, publish, removeAll, removeEmpty, removeFile, removeFolder } from './files.ts';
import { heeded } from './heeded.ts';
import { checkedSession, partsOfKey } from './names.ts';
import { storageError } from './storage-error.ts';

export interface BlobFolder {
  readonly port: BlobStore;
  /** Where unfinished uploads are. */
  readonly parts: string;
  /** Sessions that blobs stand for. */
  sessions(): Promise<readonly string[]>;
  forget(session: string): Promise<void>;
}

export interface BlobChecks {
  /** @throws ScriptoriumError `broker-closed`. */
  readonly checkOpen: () => void;
  /** @throws ScriptoriumError `storage-full` when nothing new is taken. */
  readonly checkSpace?: () => Promise<void>;
}

/** Unfinished uploads stand apart, so that what a crash left is told from what is whole. */
const PARTS = '.parts';
/** Speech is its owner's alone. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
/** Chunks of a network are put together: a write takes about the same for one as for several. */
const WRITE_BYTES = 262_144;
const READ_BYTES = 262_144;

/**
 * Blobs as files: a folder a session.
 *
 * @throws ScriptoriumError `storage-unwritable`, `storage-full` or `storage-failed`.
 */
export async function blobFolder(folder: string, { checkOpen, checkSpace }: BlobChecks): Promise<BlobFolder> {
  const parts = join(folder, PARTS);
  const pathOf = (key: string): string => join(folder, ...partsOfKey(key));
  const disk = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw storageError(error, folder);
    });
  await disk(mkdir(parts, { recursive: true, mode: PRIVATE_FOLDER }));

  async function write(part: string, bytes: AsyncIterable<Uint8Array>, limit: number): Promise<BlobFacts> {
    const handle = await disk(open(part, 'wx', PRIVATE_FILE));
    const hash = createHash('sha256');
    let waiting: Uint8Array[] = [];
    let waitingBytes = 0;
    const writeOut = async (): Promise<void> => {
      const whole = Buffer.concat(waiting);
      waiting = [];
      waitingBytes = 0;
      hash.update(whole);
      await disk(writeAll(handle, whole));
    };
    try {
      let size = 0;
      for await (const chunk of bytes) {
        size += chunk.byteLength;
        if (size > limit) throw new ScriptoriumError('upload-too-large', `more than ${limit} bytes`);
        waiting.push(chunk);
        waitingBytes += chunk.byteLength;
        if (waitingBytes >= WRITE_BYTES) await writeOut();
      }
      if (waitingBytes > 0) await writeOut();
      await disk(handle.sync());
      return { bytes: size, sha256: hash.digest('hex') };
    } finally {
      await handle.close();
    }
  }

  return {
    port: {
      async put(key, bytes, { limit, signal, lasting = true }) {
        checkOpen();
        const target = pathOf(key);
        await checkSpace?.();
        const part = join(parts, randomUUID());
        try {
          const facts = await write(part, heeded(bytes, signal), limit);
          checkOpen();
          await disk(place(part, target, lasting));
          return facts;
        } catch (error) {
          await removeAll(part);
          throw error;
        }
      },
      async *open(key) {
        checkOpen();
        try {
          for await (const chunk of createReadStream(pathOf(key), { highWaterMark: READ_BYTES }))
            if (chunk instanceof Uint8Array) yield chunk;
        } catch (error) {
          if (isMissing(error)) throw new ScriptoriumError('blob-missing', `there is no blob ${key}`, { cause: error });
          throw storageError(error, folder);
        }
      },
      path(key) {
        const path = pathOf(key);
        return existsSync(path) ? path : undefined;
      },
      async remove(key) {
        checkOpen();
        const path = pathOf(key);
        const found = await disk(removeFile(path));
        for (let at = dirname(path); at !== folder; at = dirname(at)) await removeEmpty(at);
        return found;
      },
      async list(session) {
        checkOpen();
        return disk(keysUnder(folder, checkedSession(session)));
      },
    },
    parts,
    sessions: async () => (await disk(namesIn(folder))).filter((name) => !name.startsWith('.')),
    forget: (session) => disk(removeFolder(join(folder, checkedSession(session)))),
  };
}

/** Gives a blob its place. The folder may be removed as empty before the blob is in it: then once more. */
async function place(part: string, target: string, lasting: boolean): Promise<void> {
  const placeOnce = async (): Promise<void> => {
    await makeFolder(dirname(target), lasting);
    await publish(part, target, lasting);
  };
  await placeOnce().catch(async (error: unknown) => {
    if (!isMissing(error)) throw error;
    await placeOnce();
  });
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength;) {
    const { bytesWritten } = await handle.write(chunk, at);
    at += bytesWritten;
  }
}

async function keysUnder(folder: string, key: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const name of await namesIn(join(folder, ...key.split('/')))) {
    const below = await keysUnder(folder, `${key}/${name}`);
    keys.push(...(below.length === 0 ? [`${key}/${name}`] : below));
  }
  return keys.sort();
}
