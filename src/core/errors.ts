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
  'upload-too-large': {
    httpStatus: 413,
    exitCode: 3,
    retryable: false,
    action: 'Send a smaller file, or raise the limit.',
  },
  'request-invalid': {
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    action: 'Correct the field that the message names.',
  },
  'upload-unfinished': { httpStatus: 400, exitCode: 1, retryable: true, action: 'Send the whole file again.' },
  'request-timeout': {
    httpStatus: 408,
    exitCode: 7,
    retryable: true,
    action: 'Send it again, faster, or raise the time limit.',
  },
  'body-unsupported': {
    httpStatus: 415,
    exitCode: 2,
    retryable: false,
    action: 'Send multipart/form-data, or JSON where it is taken.',
  },
  'key-invalid': {
    httpStatus: 401,
    exitCode: 5,
    retryable: false,
    action: 'Send a key of this server: Authorization: Bearer KEY.',
  },
  'keys-missing': {
    httpStatus: 500,
    exitCode: 2,
    retryable: false,
    action: 'Give the server API keys, listen on 127.0.0.1 only, or allow open access.',
  },
  'origin-refused': {
    httpStatus: 403,
    exitCode: 1,
    retryable: false,
    action: 'Name the origin in the setting for CORS, or give the server API keys.',
  },
  'route-unknown': {
    httpStatus: 404,
    exitCode: 1,
    retryable: false,
    action: 'Look at /openapi.json for what there is.',
  },
  'method-unknown': {
    httpStatus: 405,
    exitCode: 1,
    retryable: false,
    action: 'Use a method that the Allow header names.',
  },
  'job-unknown': {
    httpStatus: 404,
    exitCode: 1,
    retryable: false,
    action: 'Check the id; jobs are forgotten when their time is over.',
  },
  'job-unfinished': {
    httpStatus: 409,
    exitCode: 1,
    retryable: true,
    action: 'Wait for its end: follow its events, or ask with ?wait=30.',
  },
  'job-ended': { httpStatus: 409, exitCode: 1, retryable: false, action: 'Nothing: it has come to its end.' },
  'format-unknown': {
    httpStatus: 406,
    exitCode: 2,
    retryable: false,
    action: 'Ask for one of the formats that the message names.',
  },
  'idempotency-key-reused': {
    httpStatus: 422,
    exitCode: 1,
    retryable: false,
    action: 'Use a new Idempotency-Key for another request.',
  },
  'url-refused': {
    httpStatus: 400,
    exitCode: 2,
    retryable: false,
    action: 'Give an http or https address that is public.',
  },
  'url-failed': {
    httpStatus: 422,
    exitCode: 1,
    retryable: true,
    action: 'Check that the address answers with the recording.',
  },
  'rate-limited': { httpStatus: 429, exitCode: 1, retryable: true, action: 'Wait for as long as Retry-After says.' },
  'address-unusable': {
    httpStatus: 500,
    exitCode: 1,
    retryable: false,
    action: 'Stop what listens there, or choose another with --port or --host.',
  },
  'server-unreachable': {
    httpStatus: 502,
    exitCode: 4,
    retryable: true,
    action: 'Start one with `scriptorium serve`, or name another with --server.',
  },
  'server-busy': { httpStatus: 503, exitCode: 1, retryable: true, action: 'Wait for as long as Retry-After says.' },
  'server-failed': {
    httpStatus: 500,
    exitCode: 1,
    retryable: true,
    action: 'Report it with the log line of this request id.',
  },
  'blob-missing': { httpStatus: 404, exitCode: 1, retryable: false, action: 'It was deleted, or its time is over.' },
  'audio-gap': { httpStatus: 500, exitCode: 1, retryable: false, action: 'Send the audio again from where it ends.' },
  'audio-gone': { httpStatus: 500, exitCode: 1, retryable: true, action: 'Prepare the recording again.' },
  'job-invalid': {
    httpStatus: 500,
    exitCode: 1,
    retryable: false,
    action: 'Report it with the output of `scriptorium doctor`.',
  },
  'queue-full': { httpStatus: 503, exitCode: 1, retryable: true, action: 'Try again a little later.' },
  'broker-closed': { httpStatus: 503, exitCode: 1, retryable: true, action: 'Try again once the server is back.' },
  'storage-in-use': {
    httpStatus: 500,
    exitCode: 1,
    retryable: false,
    action: 'Stop the other server, or give this one a data folder of its own.',
  },
  'storage-unwritable': {
    httpStatus: 500,
    exitCode: 1,
    retryable: false,
    action: 'Name a data folder that this user may create and write.',
  },
  'storage-full': {
    httpStatus: 507,
    exitCode: 1,
    retryable: true,
    action: 'Free space on the disk of the data folder, or name another folder.',
  },
  'storage-incompatible': {
    httpStatus: 500,
    exitCode: 1,
    retryable: false,
    action: 'Start the version that wrote the data folder, or name an empty one.',
  },
  'storage-failed': {
    httpStatus: 500,
    exitCode: 1,
    retryable: true,
    action: 'Look at the disk of the data folder, and start the server again.',
  },
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
