import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const PIECE_BYTES = 4 * 1024 * 1024;

/** SHA-256 of a file, hex. @param onBytes called with how many bytes are done. */
export async function sha256OfFile(
  path: string,
  options: { readonly signal?: AbortSignal | undefined; readonly onBytes?: ((done: number) => void) | undefined } = {},
): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    const piece = new Uint8Array(PIECE_BYTES);
    let done = 0;
    for (;;) {
      options.signal?.throwIfAborted();
      const { bytesRead } = await handle.read(piece, 0, piece.length, done);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, bytesRead));
      done += bytesRead;
      options.onBytes?.(done);
    }
  } finally {
    await handle.close();
  }
}
