import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { ScriptoriumError, type Millis } from '../../core/index.ts';
import { fileName } from './file-name.ts';
import { publicLookup, refuseForbiddenUrl } from './public-address.ts';

const MAX_REDIRECTS = 5;
/** Silence of a server after which it is given up. */
const IDLE_MS = 30_000;

export interface FetchParts {
  readonly lookup: LookupFunction;
  readonly allowPrivate: boolean;
  /** Longest time for all of it. */
  readonly total: Millis;
  /** In bytes. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface FetchedFile {
  readonly name: string;
  /** @throws ScriptoriumError `url-failed` when it breaks off. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Begins to fetch a recording from an address that a stranger named. Each hop is checked: the URL, then the address that its
 * socket really connects to; no connection is shared with any other request.
 *
 * @throws ScriptoriumError `url-refused`, `url-failed`, `upload-too-large`; the reason of the signal.
 */
export async function fetchUrl(text: string, parts: FetchParts): Promise<FetchedFile> {
  const signal = AbortSignal.any([parts.signal, AbortSignal.timeout(parts.total)]);
  let url = new URL(text);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    refuseForbiddenUrl(url, parts.allowPrivate);
    const response = await get(url, parts, signal);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      response.destroy();
      if (!URL.canParse(headers.location, url.href)) throw failed(url, 'it redirects to no address');
      url = new URL(headers.location, url);
      continue;
    }
    if (statusCode !== 200) {
      response.destroy();
      throw failed(url, `it answers with status ${String(statusCode)}`);
    }
    const announced = Number(headers['content-length'] ?? 0);
    if (announced > parts.limit) {
      response.destroy();
      throw new ScriptoriumError(
        'upload-too-large',
        `Maximum content size limit (${String(parts.limit)}) exceeded (${String(announced)} bytes announced).`,
      );
    }
    return { name: fileName(decodedPath(url)), bytes: bytesOf(response, url, parts.signal) };
  }
  throw failed(url, `it redirects more than ${String(MAX_REDIRECTS)} times`);
}

function get(url: URL, { lookup, allowPrivate }: FetchParts, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      // An agent would share sockets by name, past the check of their address.
      agent: false,
      lookup: allowPrivate ? lookup : publicLookup(lookup),
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'scriptorium' },
      signal,
    });
    request.setTimeout(IDLE_MS, () => request.destroy(failed(url, 'it is silent')));
    request.once('response', resolve);
    request.on('error', (error) => reject(reasonOf(error, url)));
    request.end();
  });
}

async function* bytesOf(
  response: IncomingMessage,
  url: URL,
  caller: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks: AsyncIterable<Uint8Array> = response;
  try {
    yield* chunks;
  } catch (error) {
    caller.throwIfAborted();
    throw reasonOf(error, url);
  } finally {
    response.destroy();
  }
}

function reasonOf(error: unknown, url: URL): unknown {
  if (error instanceof ScriptoriumError) return error;
  const name = error instanceof Error && 'code' in error ? String(error.code) : 'it broke off';
  return failed(url, name === 'ABORT_ERR' ? 'it takes too long' : name, error);
}

const failed = (url: URL, why: string, cause?: unknown): ScriptoriumError =>
  new ScriptoriumError('url-failed', `${url.host} did not give the recording: ${why}.`, { cause });

function decodedPath({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
