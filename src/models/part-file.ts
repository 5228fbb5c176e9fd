/** A file that is being filled: what an earlier try left is kept, errors of the disk say what to do. */
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { asScriptoriumError, ScriptoriumError } from '../core/index.ts';

export interface PartFile extends AsyncDisposable {
  /** Bytes it holds. */
  size(): number;
  /** @throws ScriptoriumError `output-unwritable` when the disk is full or the file may not be written. */
  append(bytes: Uint8Array): Promise<void>;
  /** Drops what it holds. */
  clear(): Promise<void>;
}

export async function openPartFile(path: string): Promise<PartFile> {
  const handle = await open(path, 'a').catch((error: unknown) => {
    throw writeError(path, error);
  });
  let size = (await handle.stat()).size;
  return {
    size: () => size,
    append: async (bytes) => {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done).catch((error: unknown) => {
          throw writeError(path, error);
        });
        done += bytesWritten;
        size += bytesWritten;
      }
    },
    clear: async () => {
      if (size === 0) return;
      await handle.truncate(0).catch((error: unknown) => {
        throw writeError(path, error);
      });
      size = 0;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** What the server called the version that a part file was cut from, so that only the same one is continued. */
export interface PartOrigin {
  readonly url: string;
  /** A strong entity tag; empty when there was none. */
  readonly etag: string;
}

const originPath = (part: string): string => `${part}.origin`;

export async function readOrigin(part: string): Promise<PartOrigin | undefined> {
  const text = await readFile(originPath(part), 'utf8').catch(() => '');
  const [url = '', etag = ''] = text.split('\n');
  return url === '' ? undefined : { url, etag };
}

export async function writeOrigin(part: string, origin: PartOrigin): Promise<void> {
  await writeFile(originPath(part), `${origin.url}\n${origin.etag}\n`).catch((error: unknown) => {
    throw writeError(part, error);
  });
}

/** Removes a part file and the note of its origin. */
export async function discardPart(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(originPath(part), { force: true });
}

/** Removes only the note, when the part has become the whole. */
export async function forgetOrigin(part: string): Promise<void> {
  await rm(originPath(part), { force: true });
}

const DISK_ERRORS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full; free some space and pull again: it resumes'],
  ['EDQUOT', 'the disk quota is used up; free some space and pull again: it resumes'],
  ['EACCES', 'the folder may not be written'],
  ['EPERM', 'the folder may not be written'],
  ['EROFS', 'the disk is read-only'],
  ['ENOTDIR', 'a part of the path is a file, not a folder'],
]);

/** A failed write as an error that says what to do. */
export function writeError(path: string, error: unknown): ScriptoriumError {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const what = DISK_ERRORS.get(error.code) ?? error.message;
    return new ScriptoriumError('output-unwritable', `${path}: ${what}`, { cause: error });
  }
  return asScriptoriumError(error, 'output-unwritable');
}
