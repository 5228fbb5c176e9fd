import { Readable } from 'node:stream';
import { ScriptoriumError } from '../../core/index.ts';
import type { Store } from './client.ts';
import { isBeyondEnd, isMissingObject, isReplaced, s3Error } from './s3-error.ts';

/** Bytes of an object from one place on. */
interface Range {
  readonly bytes: Uint8Array;
  /** Of the whole object. */
  readonly total: number;
  /** Tells this object from a later one under its key. */
  readonly etag: string | undefined;
}

const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+)$/u;
const NOTHING: Range = { bytes: new Uint8Array(), total: 0, etag: undefined };

const isChunk = (chunk: unknown): chunk is Uint8Array => chunk instanceof Uint8Array;

/**
 * Reads an object range by range: nothing is held open while its reader is busy with something else, and a range whose answer breaks
 * off is asked for again by itself.
 *
 * @throws ScriptoriumError `blob-missing`, `storage-*`.
 */
export async function* download(store: Store, key: string): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  let etag: string | undefined;
  for (;;) {
    const range = await askAgain(store, key, at, etag);
    if (range.bytes.byteLength > 0) yield range.bytes;
    at += range.bytes.byteLength;
    if (at >= range.total) return;
    ({ etag } = range);
  }
}

/** The package tries calls again; what it leaves to us is an answer that began well. */
async function askAgain(store: Store, key: string, at: number, etag: string | undefined): Promise<Range> {
  for (let attempt = 1; ; attempt++) {
    const range = await ask(store, key, at, etag);
    if (range !== undefined) return range;
    if (attempt < store.bounds.attempts) continue;
    throw new ScriptoriumError(
      'storage-failed',
      `${store.address.label} breaks off in the middle of ${key} every time; see how it does`,
    );
  }
}

/** One range; nothing when it was not whole. */
async function ask(store: Store, key: string, at: number, etag: string | undefined): Promise<Range | undefined> {
  const { s3, address, bounds } = store;
  const asked = {
    Bucket: address.bucket,
    Key: `${address.prefix}${key}`,
    Range: `bytes=${at}-${at + bounds.rangeBytes - 1}`,
    ...(etag === undefined ? {} : { IfMatch: etag }),
  };
  let answer;
  try {
    answer = await s3.getObject(asked);
  } catch (error) {
    if (isMissingObject(error)) throw new ScriptoriumError('blob-missing', `there is no blob ${key}`, { cause: error });
    if (isBeyondEnd(error) && at === 0) return NOTHING;
    if (isBeyondEnd(error) || isReplaced(error)) throw replaced(key);
    throw s3Error(error, address);
  }
  const { Body, ContentRange, ContentLength, ETag } = answer;
  const [, from, to, of] = CONTENT_RANGE.exec(ContentRange ?? '') ?? [];
  const isWhole = from === undefined && at === 0 && ContentLength !== undefined && ContentLength <= bounds.rangeBytes;
  const total = isWhole ? ContentLength : Number(of);
  const length = isWhole ? ContentLength : Number(to) - Number(from) + 1;
  const body = Body instanceof Readable ? Body : undefined;
  const wanted = Math.min(bounds.rangeBytes, total - at);
  if (!isWhole && (Number(from) !== at || length !== wanted)) {
    body?.destroy();
    throw new ScriptoriumError(
      'storage-failed',
      `${address.label} gives other bytes than it was asked for (${(ContentRange ?? 'no range').slice(0, 60)}); it can't hold blobs`,
    );
  }
  const bytes = body === undefined ? undefined : await readBody(body, wanted, store);
  return bytes === undefined ? undefined : { bytes, total, etag: ETag };
}

const replaced = (key: string): ScriptoriumError =>
  new ScriptoriumError('storage-failed', `blob ${key} was replaced while it was read; read it again`);

/** All of an answer; nothing when it is shorter or longer than it said, breaks off, or takes too long. */
async function readBody(body: Readable, length: number, { bounds, clock }: Store): Promise<Uint8Array | undefined> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  const forget = clock.after(bounds.call, () => void body.destroy(new Error('too late')));
  try {
    for await (const chunk of body) {
      if (!isChunk(chunk) || filled + chunk.byteLength > length) return undefined;
      bytes.set(chunk, filled);
      filled += chunk.byteLength;
    }
    return filled === length ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    forget();
    body.destroy();
  }
}
