import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ScriptoriumError } from '../../../core/index.ts';
import type { ByteReader } from '../byte-reader.ts';

/** Largest copy made: 20 hours of 1.5 Mbit/s. */
const MAX_SPOOL_BYTES = 16 * 2 ** 30;
const PIECE_BYTES = 262_144;

export interface Spooled {
  readonly path: string;
  /** Deletes the copy; idempotent. */
  remove(): Promise<void>;
}

/** Copies the rest of the bytes to a file only we can read, as some containers keep their index at the end. */
export async function spool(reader: ByteReader, folder: string, name: string): Promise<Spooled> {
  let home: string | undefined;
  const remove = async (): Promise<void> => {
    if (home !== undefined) await rm(home, { recursive: true, force: true });
  };
  try {
    home = await unwritable(mkdtemp(join(folder, 'scriptorium-')), folder, name);
    const path = join(home, 'recording');
    const file = await unwritable(open(path, 'wx', 0o600), folder, name);
    try {
      for (;;) {
        const bytes = await reader.some(PIECE_BYTES);
        if (bytes.length === 0) break;
        if (reader.position() > MAX_SPOOL_BYTES) {
          throw new ScriptoriumError('audio-too-long', `${name} is larger than ${MAX_SPOOL_BYTES / 2 ** 30} GiB`);
        }
        await unwritable(file.writeFile(bytes), folder, name);
      }
    } finally {
      await file.close();
    }
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function unwritable<T>(work: Promise<T>, folder: string, name: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ScriptoriumError('output-unwritable', `no copy of ${name} could be made in ${folder}: ${reason}`, {
      cause,
    });
  }
}
