import { ClientError } from '../errors.ts';
import type { Platform } from '../platform.ts';

export interface ServerAddress {
  /** Ends with a slash. */
  readonly base: URL;
  readonly key: string | undefined;
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestInit['body'];
  readonly signal?: AbortSignal | undefined;
}

/** Longest piece of an answer that a message repeats. */
const SHOWN_CHARACTERS = 200;

type Fields = Readonly<Record<string, unknown>>;
export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** An answer that is not an error. @throws ClientError by the server's code, `server-unreachable`, `cancelled`. */
export async function ask(
  { base, key }: ServerAddress,
  path: string,
  { method = 'GET', headers = {}, body, signal }: Asked,
  { fetch }: Platform,
): Promise<Response> {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const stream = body instanceof ReadableStream ? { duplex: 'half' as const } : {};
  let answer: Response;
  try {
    answer = await fetch(new URL(path, base), {
      method,
      headers: { ...headers, ...authorization },
      ...(body === undefined || body === null ? {} : { body, ...stream }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    throw lost(base, cause, signal);
  }
  if (answer.ok) return answer;
  const text = await answer.text().catch(() => '');
  throw refused(text, answer.status);
}

/** What a broken connection is to the caller. */
export function lost(base: URL, cause: unknown, signal: AbortSignal | undefined): ClientError {
  if (signal?.aborted === true) return new ClientError('cancelled', 'the request was taken back', { cause });
  return new ClientError('server-unreachable', `nothing answers at ${base.origin}`, { cause });
}

/** Statuses that may be another one later, unless the code says otherwise. */
const RETRYABLE = new Set([408, 409, 425, 429, 500, 502, 503, 504]);

function refused(text: string, status: number): ClientError {
  const problem = parsed(text);
  const retryable = RETRYABLE.has(status);
  if (isFields(problem) && typeof problem['code'] === 'string' && typeof problem['detail'] === 'string') {
    return new ClientError(problem['code'], problem['detail'], { status, retryable });
  }
  const shown = text.slice(0, SHOWN_CHARACTERS);
  return new ClientError('server-failed', `the server answered with ${String(status)}: ${shown}`, {
    status,
    retryable,
  });
}

/** @returns undefined when it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The body as JSON of a kind. @throws ClientError `protocol-violated`. */
export async function jsonOf<T>(answer: Response, is: (value: unknown) => value is T): Promise<T> {
  const value = parsed(await answer.text());
  if (is(value)) return value;
  throw new ClientError('protocol-violated', 'what answers is no server of this kind');
}
