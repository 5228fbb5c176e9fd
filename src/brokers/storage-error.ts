import { ScriptoriumError } from '../core/index.ts';

/** Codes of an error and its causes, as Node and LevelDB give them; `errno` names among LevelDB's words too. */
function codesOf(error: unknown): readonly string[] {
  const codes: string[] = [];
  for (let at: unknown = error; at instanceof Error && codes.length < 8; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') codes.push(at.code);
    codes.push(at.message);
  }
  return codes;
}

const some = (codes: readonly string[], ...names: readonly string[]): boolean =>
  codes.some((code) => names.some((name) => code.includes(name)));

/** What an error of the disk or the store under `folder` means for the person who runs the server. */
export function storageError(error: unknown, folder: string): ScriptoriumError {
  if (error instanceof ScriptoriumError) return error;
  const codes = codesOf(error);
  if (some(codes, 'LEVEL_LOCKED')) {
    return new ScriptoriumError(
      'storage-in-use',
      `${folder} is in use by another process; stop it or use another data folder`,
      {
        cause: error,
      },
    );
  }
  if (some(codes, 'ENOSPC', 'EDQUOT', 'No space left', 'quota exceeded')) {
    return new ScriptoriumError('storage-full', `no space left for ${folder}; free some or use another data folder`, {
      cause: error,
    });
  }
  if (some(codes, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'Permission denied', 'Read-only file')) {
    return new ScriptoriumError(
      'storage-unwritable',
      `can't write to ${folder}; change its owner or permissions, or use another data folder`,
      { cause: error },
    );
  }
  return new ScriptoriumError(
    'storage-failed',
    `${folder} can't be read or written: ${codes.at(-1) ?? String(error)}`,
    {
      cause: error,
    },
  );
}
