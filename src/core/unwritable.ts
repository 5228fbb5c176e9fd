import { ScriptoriumError } from './scriptorium-error.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  EISDIR: 'a folder has this name',
  ENOTDIR: 'a file stands where a folder is needed',
  EEXIST: 'a file stands where a folder is needed',
  ENOENT: 'there is no such folder',
  EFBIG: 'the file would be too large',
  EPIPE: 'nobody reads it any more',
};

/** Why something could not be written, in a few words. @param cause an error of Node.js. */
export function whyUnwritable(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
}

/** `output-unwritable` for a file or folder. @param advice ends the message: which setting names another place. */
export function unwritable(path: string, cause: unknown, advice = ''): ScriptoriumError {
  return new ScriptoriumError('output-unwritable', `${path} cannot be written: ${whyUnwritable(cause)}${advice}`, {
    cause,
    details: { path },
  });
}
