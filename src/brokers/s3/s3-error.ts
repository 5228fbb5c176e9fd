import { ScriptoriumError, type ErrorCode } from '../../core/index.ts';
import type { S3Address } from './address.ts';

/** What an error of the package tells: its name is the code of S3 (Amazon S3 API Reference, "Error responses"). */
interface Told {
  readonly name: string;
  readonly message: string;
  /** Of Node.js, or TLS. */
  readonly code: string;
  readonly status: number;
}

const CODE_IN_TEXT = /\b(?:E[A-Z]{4,}|[A-Z]+(?:_[A-Z]+){2,})\b/u;

function told(error: unknown): Told {
  if (!(error instanceof Error)) return { name: 'error', message: String(error), code: '', status: 0 };
  if (error instanceof AggregateError && error.errors.length > 0) return told(error.errors[0]);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return {
    name: error.name,
    message: error.message.split('\n')[0] ?? '',
    code: code === '' ? (CODE_IN_TEXT.exec(error.message)?.[0] ?? '') : code,
    status: statusOf(error),
  };
}

function statusOf(error: Error): number {
  const meta: unknown = '$metadata' in error ? error.$metadata : undefined;
  if (typeof meta !== 'object' || meta === null || !('httpStatusCode' in meta)) return 0;
  return typeof meta.httpStatusCode === 'number' ? meta.httpStatusCode : 0;
}

/** The last is that of a HEAD, whose answer has no body that could name more. */
const MISSING: readonly string[] = ['NoSuchKey', 'NoSuchUpload', 'NotFound'];

/** Whether an error says that there is no such object, or no such upload; a store tells of other things by 404 too. */
export const isMissingObject = (error: unknown): boolean => MISSING.includes(told(error).name);

/** Whether an error says that there is nothing at that place of an object: it is empty, or shorter now. */
export const isBeyondEnd = (error: unknown): boolean => told(error).status === 416;

/** Whether an error says that an object is another one now. */
export const isReplaced = (error: unknown): boolean => told(error).status === 412;

/** Whether an error says that an object is there already, or that another call is making one. */
export const isThereAlready = (error: unknown): boolean => [409, 412].includes(told(error).status);

/** Whether a store does not know a call at all. */
export const isUnknownCall = (error: unknown): boolean => {
  const { name, status } = told(error);
  return name === 'NotImplemented' || status === 501;
};

type Meaning = readonly [code: ErrorCode, says: (where: S3Address, told: Told) => string];

const KEYS = 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
const WRONG_KEYS: readonly string[] = [
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'TokenRefreshRequired',
  'InvalidClientTokenId',
  'XAdminUserNotFound',
];
const WRONG_REGION: readonly string[] = [
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'InvalidRegionName',
];
const FULL: readonly string[] = [
  'QuotaExceeded',
  'XMinioStorageFull',
  'InsufficientStorage',
  'XMinioAdminBucketQuotaExceeded',
];
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|EPROTO|ERR_SSL/u;
const CONNECTION = /^(?:E(?:CONN[A-Z]+|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|NETDOWN|NOTFOUND|AI_AGAIN)|EAI_[A-Z]+)$/u;
const TOO_LATE: readonly string[] = ['TimeoutError', 'AbortError', 'RequestTimeout', 'RequestTimeoutException'];
const BUSY: readonly string[] = [
  'SlowDown',
  'ServiceUnavailable',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
];

/** First match decides. */
const MEANINGS: readonly (readonly [when: (told: Told) => boolean, ...Meaning])[] = [
  [
    ({ name }) => name === 'NoSuchBucket',
    'storage-refused',
    ({ label }) => `there is no ${label}; make it, or correct the address of blobs`,
  ],
  [
    ({ name }) => WRONG_KEYS.includes(name),
    'storage-refused',
    ({ label }, { name }) => `${label} does not take these keys (${name}); correct ${KEYS}`,
  ],
  [
    ({ name }) => /Credentials?ProviderError|CredentialsError|TokenProviderError/u.test(name),
    'storage-refused',
    ({ label }) => `there are no keys for ${label}; set ${KEYS}`,
  ],
  [
    ({ name, status }) => WRONG_REGION.includes(name) || status === 301 || status === 307,
    'storage-refused',
    ({ label }, { name }) => `${label} is in another region (${name}); put region=REGION into the address of blobs`,
  ],
  [
    ({ name }) => name === 'RequestTimeTooSkewed',
    'storage-refused',
    ({ label }) => `${label} has another time than this machine; set the clock`,
  ],
  [
    ({ name, status }) => FULL.includes(name) || status === 507,
    'storage-full',
    ({ label }, { name }) => `no space left in ${label} (${name}); free some, or raise its quota`,
  ],
  [
    ({ status }) => status === 403 || status === 401,
    'storage-refused',
    ({ label, prefix }, { name }) =>
      `these keys may not do this in ${label} (${name}); let them read, write, list and delete under ${prefix}`,
  ],
  [
    ({ code }) => CERTIFICATE.test(code),
    'storage-refused',
    ({ label }, { code }) =>
      `${label} shows a certificate that is not trusted (${code}); correct it, or name its authority by NODE_EXTRA_CA_CERTS`,
  ],
  [
    ({ name, status }) => BUSY.includes(name) || status === 503 || status === 429,
    'storage-unreachable',
    ({ label }, { name }) => `${label} has more to do than it can (${name}); it is tried again, or wants more room`,
  ],
  [
    ({ name }) => TOO_LATE.includes(name),
    'storage-unreachable',
    ({ label }) => `${label} does not answer in time; see how it does, or correct the address of blobs`,
  ],
  [
    ({ code, status }) => CONNECTION.test(code) || status >= 500,
    'storage-unreachable',
    ({ label }, { code, message, status }) =>
      `${label} can't be reached (${status === 0 ? code : `${status} ${message.slice(0, 100)}`}); start it, or correct the address of blobs`,
  ],
];

/** Something answers, and it is no store. */
export const noStore = ({ label }: S3Address): ScriptoriumError =>
  new ScriptoriumError('storage-refused', `what answers for ${label} is no S3 store; correct the address of blobs`);

/** What an error of the store, or on the way to it, means for who called or runs the server. Holds no key, whatever the store says. */
export function s3Error(error: unknown, address: S3Address): ScriptoriumError {
  if (error instanceof ScriptoriumError) return error;
  const facts = told(error);
  if (/[Dd]eserialization|XML parse error/u.test(facts.message)) return noStore(address);
  const cause = { cause: new Error(`${facts.name}: ${facts.message}`) };
  const [, code, says] = MEANINGS.find(([when]) => when(facts)) ?? [];
  if (code !== undefined && says !== undefined) return new ScriptoriumError(code, says(address, facts), cause);
  const reason = `${facts.name}${facts.status === 0 ? '' : `, ${facts.status}`}: ${facts.message.slice(0, 200)}`;
  return new ScriptoriumError('storage-failed', `${address.label} failed (${reason})`, cause);
}
