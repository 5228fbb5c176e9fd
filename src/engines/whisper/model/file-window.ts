/** A sliding view of a file: little-endian reads that never run past its end and never hold more than asked for. */
import type { FileHandle } from 'node:fs/promises';
import { ScriptoriumError } from '../../../core/index.ts';

export interface FileWindow {
  /** Bytes in the file. */
  readonly size: number;
  /** Where the next read starts. */
  position(): number;
  /** Moves to an offset, which may lie behind the end: the next read then fails. */
  seek(offset: number): void;
  /** Whether `count` bytes can be read without another `load`. */
  has(count: number): boolean;
  /** Makes the next `count` bytes readable. @throws ScriptoriumError `model-invalid` when the file is shorter. */
  load(count: number): Promise<void>;
  /** The next 32 bits as a signed number; they must have been loaded. */
  int32(): number;
  /** A view of the next `count` bytes, which stays as it is; they must have been loaded. */
  bytes(count: number): Uint8Array;
}

/** @param readAhead bytes fetched at least with each `load`. */
export function openWindow(handle: FileHandle, size: number, readAhead: number): FileWindow {
  let view: DataView = new DataView(new ArrayBuffer(0));
  let start = 0;
  let at = 0;
  const has = (count: number): boolean => at >= start && at + count <= start + view.byteLength;
  const take = (count: number): number => {
    if (!has(count)) throw new RangeError('read of bytes that were not loaded');
    at += count;
    return at - count - start;
  };
  return {
    size,
    position: () => at,
    seek: (offset) => {
      at = offset;
    },
    has,
    load: async (count) => {
      if (has(count)) return;
      const bytes = await readExactly(handle, size, at, Math.max(count, Math.min(readAhead, size - at)));
      view = new DataView(bytes.buffer);
      start = at;
    },
    int32: () => {
      const from = take(4);
      return view.getInt32(from, true);
    },
    bytes: (count) => {
      const from = take(count);
      return new Uint8Array(view.buffer, from, count);
    },
  };
}

/**
 * Reads `count` bytes from `offset`; nothing is allocated before both are known to lie in the file.
 * @throws ScriptoriumError `model-invalid` when the file ends before them.
 */
export async function readExactly(
  handle: FileHandle,
  size: number,
  offset: number,
  count: number,
): Promise<Uint8Array> {
  if (count < 0 || offset < 0 || offset + count > size) {
    throw new ScriptoriumError(
      'model-invalid',
      `the file ends at byte ${size}, before ${offset + count}: it is cut off`,
    );
  }
  const bytes = new Uint8Array(count);
  let done = 0;
  while (done < count) {
    const { bytesRead } = await handle.read(bytes, done, count - done, offset + done);
    if (bytesRead === 0) {
      throw new ScriptoriumError(
        'model-invalid',
        `the file became shorter while it was read, at byte ${offset + done}`,
      );
    }
    done += bytesRead;
  }
  return bytes;
}
