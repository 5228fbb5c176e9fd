import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobFacts, BlobStore } from '../../../core/index.ts';
import { ScriptoriumError, heeding } from '../../../core/index.ts';
import { checkSession, partsOfKey } from '../names.ts';
import { storageError } from '../store/storage-error.ts';
import type { World } from '../world.ts';
import { isMissing, makeFolder, namesIn, publish, removeAll, removeEmpty, removeFile } from './files.ts';

export interface LocalBlobs {
  readonly port: BlobStore;
  /** Sessions that blobs stand for. */
  sessions(): Promise<readonly string[]>;
  forget(session: string): Promise<void>;
}

/** Unfinished uploads stand apart, so that one sweep removes what a crash left. */
const PARTS = '.parts';

/** Blobs as files: a folder a session. Removes what an earlier process left half written. */
export async function blobStore(folder: string, { checkOpen, checkSpace }: World): Promise<LocalBlobs> {
  const parts = join(folder, PARTS);
  await removeAll(parts);
  await mkdir(parts, { recursive: true });
  const pathOf = (key: string): string => join(folder, ...partsOfKey(key));
  let written = 0;

  const disk = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw storageError(error, folder);
    });

  async function write(part: string, bytes: AsyncIterable<Uint8Array>, limit: number): Promise<BlobFacts> {
    const handle = await disk(open(part, 'wx'));
    try {
      const hash = createHash('sha256');
      let size = 0;
      for await (const chunk of bytes) {
        size += chunk.byteLength;
        if (size > limit) throw new ScriptoriumError('upload-too-large', `more than ${limit} bytes`);
        hash.update(chunk);
        await disk(writeAll(handle, chunk));
      }
      await disk(handle.sync());
      return { bytes: size, sha256: hash.digest('hex') };
    } finally {
      await handle.close();
    }
  }

  return {
    port: {
      async put(key, bytes, { limit, signal }) {
        checkOpen();
        const target = pathOf(key);
        await checkSpace();
        const part = join(parts, String(++written));
        try {
          const facts = await write(part, heeded(bytes, signal), limit);
          checkOpen();
          await disk(place(part, target));
          return facts;
        } catch (error) {
          await removeAll(part);
          throw error;
        }
      },
      async *open(key) {
        checkOpen();
        try {
          for await (const chunk of createReadStream(pathOf(key))) if (chunk instanceof Uint8Array) yield chunk;
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
        checkSession(session);
        return keysUnder(folder, session);
      },
    },
    sessions: async () => (await namesIn(folder)).filter((name) => name !== PARTS),
    forget: (session) => removeAll(join(folder, session)),
  };
}

/** Gives a blob its place. The folder may be removed as empty before the blob is in it: then once more. */
async function place(part: string, target: string): Promise<void> {
  await makeFolder(dirname(target));
  await publish(part, target).catch(async (error: unknown) => {
    if (!isMissing(error)) throw error;
    await makeFolder(dirname(target));
    await publish(part, target);
  });
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength;) {
    const { bytesWritten } = await handle.write(chunk, at);
    at += bytesWritten;
  }
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

async function keysUnder(folder: string, key: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const name of await namesIn(join(folder, ...key.split('/')))) {
    const below = await keysUnder(folder, `${key}/${name}`);
    keys.push(...(below.length === 0 ? [`${key}/${name}`] : below));
  }
  return keys.sort();
}
