import { createHash } from 'node:crypto';
import type { BlobFacts, BlobStore } from '../../core/index.ts';
import { ScriptoriumError, heeding } from '../../core/index.ts';
import { heeded } from '../heeded.ts';
import { MAX_PARTS } from './bounds.ts';
import type { Store } from './client.ts';
import { beginMultipart, md5Of, type Multipart } from './multipart.ts';
import { partBuffer } from './part-buffer.ts';

type PutOptions = Parameters<BlobStore['put']>[2];

export interface Uploading {
  readonly store: Store;
  readonly checkOpen: () => void;
  /** Takes what goes on after a failure. */
  readonly leave: (work: Promise<void>) => void;
}

/** Writes one blob: in one call what fits into a part, in parts what does not. */
export async function upload(
  { store, checkOpen, leave }: Uploading,
  key: string,
  bytes: AsyncIterable<Uint8Array>,
  { limit, signal }: PutOptions,
): Promise<BlobFacts> {
  const hash = createHash('sha256');
  const buffer = partBuffer(Math.max(store.bounds.partBytes, Math.ceil(limit / MAX_PARTS)));
  let size = 0;
  let multipart: Multipart | undefined;
  let beginning: Promise<Multipart> | undefined;

  async function send(): Promise<void> {
    multipart ??= await heeding(signal, (beginning ??= beginMultipart(store, key)));
    await heeding(signal, multipart.send(buffer.part()));
  }

  try {
    for await (const chunk of heeded(bytes, signal)) {
      size += chunk.byteLength;
      if (size > limit) throw new ScriptoriumError('upload-too-large', `more than ${limit} bytes`);
      hash.update(chunk);
      for (let at = 0; at < chunk.byteLength;) {
        // Only once more has come: the last part is sent with the end.
        if (buffer.isFull()) await send();
        at += buffer.take(chunk, at);
      }
    }
    if (multipart !== undefined) await send();
    signal?.throwIfAborted();
    checkOpen();
    if (multipart === undefined) await putWhole(store, key, buffer.part());
    else await multipart.complete();
    return { bytes: size, sha256: hash.digest('hex') };
  } catch (error) {
    if (beginning !== undefined) leave(beginning.then(async (begun) => begun.abort()));
    throw error;
  }
}

async function putWhole({ s3, address, call }: Store, key: string, part: Uint8Array): Promise<void> {
  const object = { Bucket: address.bucket, Key: `${address.prefix}${key}` };
  await call(s3.putObject({ ...object, Body: part, ContentLength: part.byteLength, ContentMD5: md5Of(part) }));
}
