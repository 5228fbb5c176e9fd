import { ERRORS, ScriptoriumError } from '../core/index.ts';

/** Every code that the command line exits with, and what a script may take from it; `docs/cli.md` has the same table. */
export const EXIT_CODES = [
  { code: 0, meaning: 'Everything asked for was done, or was there already.' },
  { code: 1, meaning: 'Something failed; of several recordings at least one, and the others are written.' },
  { code: 2, meaning: 'The command line, environment or config file is wrong; nothing was started.' },
  { code: 3, meaning: 'The recording is missing, unreadable, empty, or in no format that we can read.' },
  { code: 4, meaning: 'The server cannot be reached.' },
  { code: 5, meaning: 'The server wants another API key.' },
  { code: 6, meaning: 'The model is missing, damaged, or could not be pulled.' },
  { code: 7, meaning: 'The engine gave no answer in time.' },
  { code: 130, meaning: 'Interrupted; finished files are kept, no half-written ones.' },
] as const;

export type ExitCode = (typeof EXIT_CODES)[number]['code'];

export const SUCCESS: ExitCode = 0;
export const FAILURE: ExitCode = 1;
export const INTERRUPTED: ExitCode = 130;

/** The exit code of one failure. */
export const exitCodeOf = (error: unknown): ExitCode =>
  error instanceof ScriptoriumError ? ERRORS[error.code].exitCode : FAILURE;

/** Of several failures among `attempts` tries: their common code when nothing at all was done, else 1. */
export function exitCodeOfAll(failures: readonly unknown[], attempts: number): ExitCode {
  const [first, ...others] = failures.map(exitCodeOf);
  if (first === undefined) return SUCCESS;
  return failures.length === attempts && others.every((code) => code === first) ? first : FAILURE;
}
