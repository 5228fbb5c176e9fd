/**
 * Every code the product can raise, in one table; `docs/errors.md` is held equal to it by a test.
 * `httpStatus` is what a server answers, `exitCode` what the command line exits with, `action` what to do about it.
 */
export const ERRORS = {
  'usage-invalid': {
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    action: 'Correct the option or argument; --help lists them.',
  },
  'input-missing': { httpStatus: 404, exitCode: 3, retryable: false, action: 'Check the path.' },
  'input-unreadable': { httpStatus: 400, exitCode: 3, retryable: false, action: 'Check the file and its permissions.' },
  'audio-empty': {
    httpStatus: 400,
    exitCode: 3,
    retryable: false,
    action: 'Send a recording that holds at least one sample.',
  },
  'audio-format-unsupported': {
    httpStatus: 415,
    exitCode: 3,
    retryable: false,
    action: 'Convert it to WAV, FLAC, MP3, Ogg or AIFF, or install ffmpeg.',
  },
  'audio-damaged': {
    httpStatus: 400,
    exitCode: 3,
    retryable: false,
    action: 'Export the recording again; it is cut off or corrupt.',
  },
  'audio-too-long': {
    httpStatus: 413,
    exitCode: 3,
    retryable: false,
    action: 'Split the recording, or raise the limit.',
  },
  'output-unwritable': {
    httpStatus: 500,
    exitCode: 1,
    retryable: false,
    action: 'Check the folder, its permissions and free space.',
  },
  'output-exists': { httpStatus: 409, exitCode: 1, retryable: false, action: 'Pass --overwrite to replace it.' },
  'model-missing': {
    httpStatus: 404,
    exitCode: 6,
    retryable: false,
    action: 'Run `scriptorium models list`, then `scriptorium models pull NAME`.',
  },
  'model-invalid': {
    httpStatus: 500,
    exitCode: 6,
    retryable: false,
    action: 'Pull or copy the model again; the file is damaged or of another kind.',
  },
  'model-download-failed': {
    httpStatus: 502,
    exitCode: 6,
    retryable: true,
    action: 'Run the same command again: it resumes. Or pass --mirror.',
  },
  'language-unsupported': {
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    action: 'Choose a language that the model knows, or a multilingual model.',
  },
  'engine-crashed': {
    httpStatus: 503,
    exitCode: 1,
    retryable: true,
    action: 'Try again; a new engine process is started by itself.',
  },
  'engine-timeout': {
    httpStatus: 504,
    exitCode: 7,
    retryable: true,
    action: 'Try again, or raise the time limit of the engine.',
  },
  'engine-failed': {
    httpStatus: 500,
    exitCode: 1,
    retryable: false,
    action: 'Report it with the output of `scriptorium doctor`.',
  },
  cancelled: { httpStatus: 499, exitCode: 130, retryable: true, action: 'Nothing: the caller took the work back.' },
} as const satisfies Record<
  string,
  { readonly httpStatus: number; readonly exitCode: number; readonly retryable: boolean; readonly action: string }
>;

export type ErrorCode = keyof typeof ERRORS;
type Details = Readonly<Record<string, string | number>>;

/** A failure with a stable code: branch on `code`, never on `message`; `cause` holds where it came from. */
export class ScriptoriumError extends Error {
  override readonly name = 'ScriptoriumError';
  readonly code: ErrorCode;
  /** Safe to log: ids, counts, states, paths. Never audio, transcript text or credentials. */
  readonly details: Details;

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { readonly details?: Details } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** The error itself when it is ours, else one of `code` that keeps it as its cause. */
export function asScriptoriumError(error: unknown, code: ErrorCode): ScriptoriumError {
  if (error instanceof ScriptoriumError) return error;
  return new ScriptoriumError(code, error instanceof Error ? error.message : String(error), { cause: error });
}
