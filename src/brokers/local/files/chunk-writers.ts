import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** Files that sound is written to piece by piece: they stay open, since opening one takes longer than writing to it. */
export interface ChunkWriters {
  /** Writes to a file from `position` on; it is made if need be, its folder is not. Writes to one file must follow each other. */
  write(path: string, bytes: Uint8Array, position: number): Promise<void>;
  /** Closes a file if it is open. */
  release(path: string): Promise<void>;
  close(): Promise<void>;
}

interface Writer {
  readonly handle: Promise<FileHandle>;
  readonly writing: Promise<void>;
}

/** @param most files that are open at once; the one that was written to longest ago is closed for another. */
export function chunkWriters(most: number): ChunkWriters {
  /** The one that was written to longest ago is first. */
  const writers = new Map<string, Writer>();

  async function release(path: string): Promise<void> {
    const writer = writers.get(path);
    if (writer === undefined) return;
    writers.delete(path);
    await writer.writing.catch(() => undefined);
    const handle = await writer.handle.catch(() => undefined);
    await handle?.close();
  }

  /** Begins at once: who is still to be written to is not the one that is closed for another. */
  function begin(path: string, bytes: Uint8Array, position: number): Promise<void> {
    const handle = writers.get(path)?.handle ?? open(path, constants.O_RDWR | constants.O_CREAT);
    const writing = handle.then((file) => writeAll(file, bytes, position));
    // Heard of below, perhaps not at once.
    writing.catch(() => undefined);
    writers.delete(path);
    writers.set(path, { handle, writing });
    return writing;
  }

  return {
    async write(path, bytes, position) {
      const writing = begin(path, bytes, position);
      try {
        const [oldest] = writers.keys();
        if (writers.size > most && oldest !== undefined) await release(oldest);
        await writing;
      } catch (error) {
        await release(path);
        throw error;
      }
    },
    release,
    async close() {
      await Promise.all([...writers.keys()].map(release));
    },
  };
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.byteLength - at, position + at);
    at += bytesWritten;
  }
}
