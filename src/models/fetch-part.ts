/** One try to get the rest of a file over HTTP. */
import { ScriptoriumError, type Millis } from '../core/index.ts';
import { LONGEST_RETRY_AFTER, MAX_UNKNOWN_BYTES, RESPONSE_TIMEOUT, STALL_TIMEOUT } from './limits.ts';
import { readOrigin, writeOrigin, type PartFile } from './part-file.ts';

/** What a pull may touch of the world beside the model folder. */
export interface PullIo {
  readonly fetch: typeof fetch;
  /** Resolves after the delay, or rejects when the signal aborts. */
  readonly sleep: (delay: Millis, signal: AbortSignal) => Promise<void>;
}

export interface PartRequest {
  readonly url: string;
  /** Path of the part file, for the note of its origin. */
  readonly path: string;
  readonly part: PartFile;
  readonly bytes: number | null;
  /** Whether a wrong continuation would be noticed: the sum of the whole is known. */
  readonly checked: boolean;
  readonly io: PullIo;
  readonly signal: AbortSignal;
  readonly onBytes: () => void;
}

/** `absent`: it is not at this address. `again`: trying once more may help. */
export type PartOutcome =
  | { readonly kind: 'complete' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'again'; readonly reason: string; readonly after?: number };

/** @throws ScriptoriumError `model-download-failed` when trying again would not help, `output-unwritable`. */
export async function fetchPart(request: PartRequest): Promise<PartOutcome> {
  const { url, part, signal } = request;
  const connection = new AbortController();
  const either = AbortSignal.any([signal, connection.signal]);
  try {
    const headers = await continuation(request);
    const response = await inTime(request, RESPONSE_TIMEOUT, request.io.fetch(url, { headers, signal: either }));
    const refused = refusal(request, response);
    if (refused !== undefined) return refused;
    const total = await placeBody(request, response);
    return await readBody(request, response, total);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ScriptoriumError) throw error;
    return { kind: 'again', reason: `${url}: ${causeOf(error)} after ${part.size()} bytes` };
  } finally {
    connection.abort();
  }
}

/** Headers that ask for what is missing, if what is there may be continued; else it is dropped. */
async function continuation({ url, path, part, checked }: PartRequest): Promise<Record<string, string>> {
  // Compressed lengths would not be the file's.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (part.size() === 0) return headers;
  const origin = await readOrigin(path);
  const etag = origin?.url === url ? origin.etag : '';
  if (etag === '' && !checked) {
    await part.clear();
    return headers;
  }
  headers['range'] = `bytes=${part.size()}-`;
  if (etag !== '') headers['if-range'] = etag;
  return headers;
}

function refusal({ url }: PartRequest, response: Response): PartOutcome | undefined {
  const { status } = response;
  if (status === 404 || status === 410) return { kind: 'absent' };
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after') ?? 0);
    const after = Number.isFinite(seconds) ? Math.min(1000 * seconds, LONGEST_RETRY_AFTER) : 0;
    return { kind: 'again', reason: `${url}: the server answered ${status}`, after };
  }
  if (status !== 200 && status !== 206 && status !== 416) {
    throw failed(
      `${url}: the server answered ${status}${status === 401 || status === 403 ? ': it wants a login' : ''}`,
    );
  }
  if (/html/i.test(response.headers.get('content-type') ?? '')) {
    throw failed(`${url}: the server answered with a web page, not a file; a proxy or login page may be in between`);
  }
  return undefined;
}

/** Makes the part end where the body starts. @returns how long the whole will be, where it is known. */
async function placeBody(request: PartRequest, response: Response): Promise<number | undefined> {
  const { url, path, part, bytes } = request;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  const continues = response.status === 206 && range !== null && Number(range[1]) === part.size();
  if (!continues) await part.clear();
  if (response.status !== 200 && !continues) {
    throw new Error('the server would not continue there; starting anew');
  }
  const total = continues ? numberOf(range[2]) : plainLength(response);
  if (bytes !== null && total !== undefined && total !== bytes) {
    throw failed(`${url}: the server has ${total} bytes, not the ${bytes} of the known file`);
  }
  if ((total ?? 0) > MAX_UNKNOWN_BYTES) throw failed(`${url}: ${total} bytes are more than any model has`);
  if (!continues) {
    const etag = response.headers.get('etag') ?? '';
    await writeOrigin(path, { url, etag: etag.startsWith('"') ? etag : '' });
  }
  return bytes ?? total;
}

function plainLength(response: Response): number | undefined {
  return response.headers.get('content-encoding') === null
    ? numberOf(response.headers.get('content-length'))
    : undefined;
}

function numberOf(text: string | null | undefined): number | undefined {
  return text === null || text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

async function readBody(request: PartRequest, response: Response, total: number | undefined): Promise<PartOutcome> {
  const { url, part } = request;
  if (response.body === null) return { kind: 'again', reason: `${url}: the answer is empty` };
  const reader = response.body.getReader();
  try {
    for (;;) {
      const piece = await inTime(request, STALL_TIMEOUT, reader.read());
      if (piece.done) break;
      const bytes: unknown = piece.value;
      if (!(bytes instanceof Uint8Array)) throw new TypeError('the body holds no bytes');
      if (part.size() + bytes.length > (total ?? MAX_UNKNOWN_BYTES)) {
        await part.clear();
        throw failed(`${url}: the server sent more than the ${total ?? MAX_UNKNOWN_BYTES} bytes of the file`);
      }
      await part.append(bytes);
      request.onBytes();
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (total === undefined || part.size() === total) return { kind: 'complete' };
  return { kind: 'again', reason: `${url}: the connection broke off at ${part.size()} of ${total} bytes` };
}

/** The work, or an error when it takes longer. Whoever cancels ends the work, and with it the wait. */
async function inTime<T>({ io }: PartRequest, limit: Millis, work: Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const late = io.sleep(limit, waiting.signal).then(() => {
    throw new Error(`nothing came for ${limit / 1000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    waiting.abort();
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}

/** Fetch says only that it failed; why is in its cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

function failed(what: string): ScriptoriumError {
  return new ScriptoriumError('model-download-failed', what);
}
