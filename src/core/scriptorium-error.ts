import { ERRORS, type ErrorCode } from './errors.ts';

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
