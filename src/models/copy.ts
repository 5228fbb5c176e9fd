/** A file out of a folder, for sites without a network: copied in pieces, from the first place that has it. */
import { open } from 'node:fs/promises';
import { ScriptoriumError } from '../core/index.ts';
import type { FileRequest } from './download.ts';
import { openPartFile } from './part-file.ts';
import { fileSize } from './store.ts';

const PIECE_BYTES = 4 * 1024 * 1024;

/** @throws ScriptoriumError `model-download-failed` when no place has it or its size is wrong, `output-unwritable`. */
export async function copyFile(paths: readonly string[], request: FileRequest): Promise<void> {
  for (const path of paths) {
    const size = await fileSize(path);
    if (size === undefined) continue;
    if (request.bytes !== null && size !== request.bytes) {
      throw new ScriptoriumError(
        'model-download-failed',
        `${path}: it has ${size} bytes, not the ${request.bytes} of the known file`,
      );
    }
    await copyOne(path, request);
    return;
  }
  throw new ScriptoriumError('model-download-failed', `${paths.join(', ')}: there is no such file`);
}

async function copyOne(path: string, request: FileRequest): Promise<void> {
  const source = await open(path, 'r');
  try {
    const part = await openPartFile(request.path);
    try {
      await part.clear();
      const piece = new Uint8Array(PIECE_BYTES);
      for (;;) {
        request.signal.throwIfAborted();
        const { bytesRead } = await source.read(piece, 0, piece.length, part.size());
        if (bytesRead === 0) return;
        await part.append(piece.subarray(0, bytesRead));
        request.onBytes(part.size());
      }
    } finally {
      await part[Symbol.asyncDispose]();
    }
  } finally {
    await source.close();
  }
}
