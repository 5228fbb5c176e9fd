import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { BlobFacts, BlobStore } from '../../../core/index.ts';
import { ScriptoriumError } from '../../../core/index.ts';
import type { BlobFolder } from '../../blob-folder.ts';
import { heeded } from '../../heeded.ts';
import { checkedSession, partsOfKey } from '../../names.ts';
import type { World } from '../world.ts';

/** In bytes. */
export interface HeldBlobBounds {
  readonly blob: number;
  /** Of all blobs together, those that are on their way included. */
  readonly total: number;
}

/** Bytes given at once: others have their turn in between, as they have while a file is read. */
const PIECE = 65_536;

/**
 * Small blobs that need not last are held in memory: their files would cost more than all else that a short recording needs of
 * the disk. One that proves larger goes to the folder.
 */
export function heldBlobs(
  folder: BlobFolder,
  { checkOpen }: Pick<World, 'checkOpen'>,
  bounds: HeldBlobBounds,
): BlobFolder {
  const sessions = new Map<string, Map<string, Uint8Array>>();
  let held = 0;

  const find = (key: string): Uint8Array | undefined => {
    const [session = ''] = partsOfKey(key);
    return sessions.get(session)?.get(key);
  };

  const letGo = (key: string): boolean => {
    const [session = ''] = partsOfKey(key);
    const blobs = sessions.get(session);
    const bytes = blobs?.get(key);
    if (blobs === undefined || bytes === undefined) return false;
    held -= bytes.length;
    blobs.delete(key);
    if (blobs.size === 0) sessions.delete(session);
    return true;
  };

  const hold = (key: string, bytes: Uint8Array): void => {
    letGo(key);
    const [session = ''] = partsOfKey(key);
    const blobs = sessions.get(session) ?? new Map<string, Uint8Array>();
    sessions.set(session, blobs.set(key, bytes));
    held += bytes.length;
  };

  const put: BlobStore['put'] = async (key, bytes, options) => {
    checkOpen();
    partsOfKey(key);
    const { limit, signal, lasting = true } = options;
    const toFolder = async (source: AsyncIterable<Uint8Array>): Promise<BlobFacts> => {
      const facts = await folder.port.put(key, source, options);
      letGo(key);
      return facts;
    };
    if (lasting) return toFolder(bytes);
    const chunks = heeded(bytes, signal)[Symbol.asyncIterator]();
    const hash = createHash('sha256');
    const read: Uint8Array[] = [];
    let size = 0;
    try {
      for (;;) {
        const next = await chunks.next();
        if (next.done === true) break;
        read.push(next.value);
        hash.update(next.value);
        size += next.value.length;
        held += next.value.length;
        if (size > limit) throw new ScriptoriumError('upload-too-large', `more than ${limit} bytes`);
        if (size > bounds.blob || held > bounds.total) return await toFolder(joined(read, chunks));
      }
      checkOpen();
      if (folder.port.path(key) !== undefined) await folder.port.remove(key);
      hold(key, Buffer.concat(read));
      return { bytes: size, sha256: hash.digest('hex') };
    } finally {
      held -= size;
      await chunks.return?.(undefined);
    }
  };

  return {
    port: {
      put,
      async *open(key) {
        checkOpen();
        const bytes = find(key);
        if (bytes === undefined) yield* folder.port.open(key);
        else {
          for (let at = 0; at < bytes.length; at += PIECE) {
            if (at > 0) await setImmediate();
            yield bytes.subarray(at, at + PIECE);
          }
        }
      },
      path: (key) => (find(key) === undefined ? folder.port.path(key) : undefined),
      async remove(key) {
        checkOpen();
        return letGo(key) || folder.port.remove(key);
      },
      async list(session) {
        const keys = [...(sessions.get(checkedSession(session))?.keys() ?? []), ...(await folder.port.list(session))];
        return keys.sort();
      },
    },
    parts: folder.parts,
    sessions: async () => [...new Set([...sessions.keys(), ...(await folder.sessions())])],
    async forget(session) {
      for (const key of sessions.get(session)?.keys() ?? []) letGo(key);
      await folder.forget(session);
    },
  };
}

async function* joined(
  read: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* read;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
