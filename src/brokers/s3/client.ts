import type { S3 } from '@aws-sdk/client-s3';
import type { Clock } from '../../core/index.ts';
import type { Environment, S3Address } from './address.ts';
import type { S3Bounds } from './bounds.ts';
import { s3Error } from './s3-error.ts';

/** The store as all parts of the adapter see it. */
export interface Store {
  readonly s3: S3;
  readonly address: S3Address;
  readonly bounds: S3Bounds;
  readonly clock: Clock;
  /** What time the store's last answer told; long ago while it told none. */
  readonly now: () => Date;
  /** What came of a call. @throws ScriptoriumError as `s3Error` says. */
  readonly call: <T>(work: Promise<T>) => Promise<T>;
}

/** The package would write to the console by itself. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Keys out of the environment; where it has none, the package looks where Amazon's own tools do: profiles, roles of the machine. */
function keysOf(env: Environment) {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (!accessKeyId || !secretAccessKey) return {};
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } };
}

/** What an answer has as its `Date` (RFC 9110, 6.6.1). */
function dateOf(response: unknown): Date | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined;
  const date = new Date(String(headers.date));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Loads the package for S3, which is loaded for nothing else. */
export async function openStore(
  address: S3Address,
  { env, bounds, clock }: { readonly env: Environment; readonly bounds: S3Bounds; readonly clock: Clock },
): Promise<Store> {
  const { S3 } = await import('@aws-sdk/client-s3');
  const { region, endpoint, pathStyle } = address;
  const { connections: maxSockets } = bounds;
  const s3 = new S3({
    region,
    forcePathStyle: pathStyle,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...keysOf(env),
    maxAttempts: bounds.attempts,
    retryMode: 'standard',
    // Other stores than Amazon's refuse checksums that they don't know; ours is the MD5, which all of them check.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: bounds.connect,
      socketTimeout: bounds.silence,
      requestTimeout: bounds.call,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    },
    logger: SILENT,
  });
  let now = new Date(0);
  s3.middlewareStack.add(
    (next) => async (args) => {
      const answered = await next(args);
      const date = dateOf(answered.response);
      if (date !== undefined) now = date;
      return answered;
    },
    { step: 'deserialize', name: 'time-of-the-store' },
  );
  return {
    s3,
    address,
    bounds,
    clock,
    now: () => now,
    call: (work) =>
      work.catch((error: unknown) => {
        throw s3Error(error, address);
      }),
  };
}
