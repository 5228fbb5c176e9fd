import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { ScriptoriumError } from '../../../core/index.ts';

const PIECE_BYTES = 4 * 1024 * 1024;

/** SHA-256 of an open file, hex; in pieces, so that its size does not matter. */
export async function digestFile(handle: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256');
  await addFile(hash, handle, size);
  return hash.digest('hex');
}

/**
 * Adds the first `size` bytes of an open file to a hash.
 * @throws ScriptoriumError `model-invalid` when the file has become shorter.
 */
export async function addFile(hash: Hash, handle: FileHandle, size: number): Promise<void> {
  const piece = new Uint8Array(Math.min(PIECE_BYTES, size));
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(piece, 0, Math.min(piece.length, size - at), at);
    if (bytesRead === 0) throw new ScriptoriumError('model-invalid', 'the file became shorter while it was read');
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
}
