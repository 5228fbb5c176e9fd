/** What the client itself can find wrong; the server's own codes are passed on as they are. */
export const CLIENT_ERRORS = {
  'server-unreachable': { retryable: true },
  'reconnect-timeout': { retryable: true },
  'protocol-violated': { retryable: false },
  'key-invalid': { retryable: false },
  'key-forbidden': { retryable: false },
  'request-invalid': { retryable: false },
  'session-unknown': { retryable: false },
  'session-superseded': { retryable: false },
  'frame-too-large': { retryable: false },
  'audio-format-unsupported': { retryable: false },
  'session-ended': { retryable: false },
  'audio-ahead': { retryable: true },
  'reader-too-slow': { retryable: true },
  'rate-limited': { retryable: true },
  'server-busy': { retryable: true },
  'server-failed': { retryable: true },
  'microphone-denied': { retryable: false },
  'microphone-missing': { retryable: false },
  'microphone-failed': { retryable: true },
  cancelled: { retryable: true },
} as const satisfies Record<string, { readonly retryable: boolean }>;

/** Of the server's codes, those of which their HTTP status would have one think otherwise; docs/errors.md has all. */
const RETRYABLE = ['upload-unfinished', 'url-failed', 'session-too-long', 'storage-full', 'cancelled'];
const FOR_GOOD = [
  'output-unwritable',
  'output-exists',
  'keys-missing',
  'job-ended',
  'address-unusable',
  'audio-gap',
  'job-invalid',
  'session-superseded',
  'broker-refused',
  'broker-failed',
  'storage-in-use',
  'storage-unwritable',
  'storage-incompatible',
  'storage-refused',
  'model-invalid',
  'engine-failed',
];

export type ClientErrorCode = keyof typeof CLIENT_ERRORS;

export interface ClientErrorOptions extends ErrorOptions {
  /** Of the HTTP answer, where there was one. */
  readonly status?: number;
  /** What else is known of trying again, where the code alone does not tell. */
  readonly retryable?: boolean;
}

/** The one failure of this client: branch on `code`, a `ClientErrorCode` or one of the server's, never on `message`. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: string;
  /** Whether the same may work later. */
  readonly retryable: boolean;
  readonly status: number | undefined;

  constructor(code: string, message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable =
      !FOR_GOOD.includes(code) &&
      (RETRYABLE.includes(code) || (options.retryable ?? (isClientCode(code) && CLIENT_ERRORS[code].retryable)));
    this.status = options.status;
  }
}

const isClientCode = (code: string): code is ClientErrorCode => Object.hasOwn(CLIENT_ERRORS, code);
