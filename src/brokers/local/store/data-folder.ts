import { access, constants, mkdir, readFile, readdir, statfs, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '../../../core/index.ts';
import { ScriptoriumError } from '../../../core/index.ts';
import { FORMAT_FILE, WEBHOOK_SECRET_FILE } from '../../files.ts';
import { storageError } from '../../storage-error.ts';

/** Version of everything under a data folder; another one is refused rather than guessed at. */
const FORMAT = 'scriptorium data 1\n';
/** What a disk of its own has from the start, and what an aggregator may have left that ran here before. */
const IGNORED: ReadonlySet<string> = new Set(['lost+found', WEBHOOK_SECRET_FILE]);

/** Work that was accepted must be able to end: nothing new is taken when less than this is free. */
const RESERVED_BYTES = 64 * 2 ** 20;

export type FreeBytes = (folder: string) => Promise<number>;

const tooLittle = (folder: string, free: number): ScriptoriumError =>
  new ScriptoriumError(
    'storage-full',
    `only ${Math.floor(free / 2 ** 20)} MiB free for ${folder}, ${RESERVED_BYTES / 2 ** 20} needed; free some or use another data folder`,
  );

/** What this user may still write on the disk of `folder`. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** The folder's own mark; undefined when it has none. */
async function formatOf(folder: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, FORMAT_FILE), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** As `mkdir` with `recursive`, which in Node.js 20 never returns where a file system has no new folders (`/proc`). */
async function makeFolder(folder: string): Promise<void> {
  const make = (): Promise<void> => mkdir(folder, { mode: 0o700 });
  try {
    await make();
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    const parent = dirname(folder);
    const isThere = await access(parent).then(
      () => true,
      () => false,
    );
    if (codeOf(error) !== 'ENOENT') throw error;
    if (isThere) {
      throw new ScriptoriumError('storage-unwritable', `${folder} can't be made; use another data folder`, {
        cause: error,
      });
    }
    await makeFolder(parent);
    await make();
  }
}

/**
 * Makes a folder ready to hold data: creates it if need be, and refuses what it would be wrong to write to.
 *
 * @throws ScriptoriumError `storage-unwritable`; `storage-full` below `RESERVED_BYTES`; `storage-incompatible` for another
 *   version's data, or files that are no data of ours.
 */
export async function prepareFolder(folder: string, freeBytes: FreeBytes): Promise<void> {
  try {
    await makeFolder(resolve(folder));
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const free = await freeBytes(folder);
    if (free < RESERVED_BYTES) throw tooLittle(folder, free);
    const format = await formatOf(folder);
    if (format === FORMAT) return;
    if (format !== undefined) {
      throw new ScriptoriumError(
        'storage-incompatible',
        `${folder} holds data of another version (${JSON.stringify(format.slice(0, 40).trim())}); start that version or use an empty folder`,
      );
    }
    const strange = (await readdir(folder)).filter((name) => !IGNORED.has(name));
    if (strange.length > 0) {
      throw new ScriptoriumError(
        'storage-incompatible',
        `${folder} holds files that are no data of this program; use an empty folder`,
      );
    }
    await writeFile(join(folder, FORMAT_FILE), FORMAT, { flush: true });
  } catch (error) {
    throw storageError(error, folder);
  }
}

/** How long a look at the disk is good for. */
const SPACE_LOOK_MS = 1000;

/** @returns a check that throws `storage-full` below `RESERVED_BYTES`; it looks at the disk now and then. */
export function spaceCheck(folder: string, freeBytes: FreeBytes, clock: Clock): () => Promise<void> {
  let looked = Number.NEGATIVE_INFINITY;
  let free = Promise.resolve(Number.POSITIVE_INFINITY);
  return async () => {
    if (clock.now() - looked >= SPACE_LOOK_MS) {
      looked = clock.now();
      free = freeBytes(folder);
    }
    const left = await free.catch((error: unknown) => {
      throw storageError(error, folder);
    });
    if (left < RESERVED_BYTES) throw tooLittle(folder, left);
  };
}
