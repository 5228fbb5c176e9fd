import { ScriptoriumError } from './scriptorium-error.ts';
import { unwritable } from './unwritable.ts';

/** What making folders needs of a disk: functions of `node:fs/promises` and `node:path`. */
export interface FolderIo {
  readonly mkdir: (path: string) => Promise<unknown>;
  readonly stat: (path: string) => Promise<{ isDirectory(): boolean }>;
  readonly dirname: (path: string) => string;
}

/**
 * Makes a folder and those above it. As `mkdir` with `recursive`, which in Node.js 20 never returns where a file system has no
 * new folders (`/proc`).
 *
 * @param advice ends the message: which setting names another folder.
 * @throws ScriptoriumError `output-unwritable`, naming the folder.
 */
export async function makeFolder(folder: string, io: FolderIo, advice = ''): Promise<void> {
  try {
    await make(folder, io);
  } catch (cause) {
    throw codeOf(cause) === 'ENOENT'
      ? new ScriptoriumError('output-unwritable', `${folder} cannot be made: no folder can be made there${advice}`, {
          cause,
          details: { path: folder },
        })
      : unwritable(folder, cause, advice);
  }
}

async function make(folder: string, io: FolderIo): Promise<void> {
  const failure = await tryToMake(folder, io);
  if (failure === undefined) return;
  const parent = io.dirname(folder);
  if (codeOf(failure) !== 'ENOENT' || parent === folder) throw failure;
  await make(parent, io);
  // Once more and no oftener: a parent that is there and takes no folders would be asked for ever.
  const second = await tryToMake(folder, io);
  if (second !== undefined) throw second;
}

/** @returns why there is no folder of this name; undefined when there is one, whoever made it. */
async function tryToMake(folder: string, { mkdir, stat }: FolderIo): Promise<Error | undefined> {
  try {
    await mkdir(folder);
    return undefined;
  } catch (error) {
    const isThere = await stat(folder).then(
      (facts) => facts.isDirectory(),
      () => false,
    );
    if (isThere) return undefined;
    return error instanceof Error ? error : new Error(String(error));
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
