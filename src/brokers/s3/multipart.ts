import { createHash, randomUUID } from 'node:crypto';
import { MAX_PARTS } from './bounds.ts';
import type { Store } from './client.ts';
import { isMissingObject, s3Error } from './s3-error.ts';

/** An upload in parts, of which nothing is seen until it is complete. */
export interface Multipart {
  /** Sends a part; resolves as soon as there is room for another. @throws ScriptoriumError that of any part so far. */
  send(part: Uint8Array): Promise<void>;
  /** Shows all of it at once. */
  complete(): Promise<void>;
  /** Takes back what was sent. What can't be taken back is left for a later start. */
  abort(): Promise<void>;
}

/** Who made an object, so that an answer that was lost is told from an object of another's. */
const MADE_BY = 'scriptorium-upload';

/** In base64, as `Content-MD5` has it (RFC 1864). */
export const md5Of = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('base64');

/** Begins one. @throws ScriptoriumError as `s3Error` says. */
export async function beginMultipart({ s3, address, bounds, clock, call }: Store, key: string): Promise<Multipart> {
  const object = { Bucket: address.bucket, Key: `${address.prefix}${key}` };
  const own = randomUUID();
  const { UploadId } = await call(s3.createMultipartUpload({ ...object, Metadata: { [MADE_BY]: own } }));
  const upload = { ...object, UploadId };
  const stopping = new AbortController();
  const sent: { readonly PartNumber: number; readonly ETag: string | undefined }[] = [];
  const underWay = new Set<Promise<void>>();
  let parts = 0;
  let failure: unknown;

  async function sendPart(part: Uint8Array, PartNumber: number): Promise<void> {
    const asked = { ...upload, PartNumber, Body: part, ContentMD5: md5Of(part) };
    const { ETag } = await call(s3.uploadPart(asked, { abortSignal: stopping.signal }));
    sent.push({ PartNumber, ETag });
  }

  /** Whether the object that is there is this one. */
  async function isThere(): Promise<boolean> {
    const { Metadata } = await call(s3.headObject(object));
    return Metadata?.[MADE_BY] === own;
  }

  return {
    async send(part) {
      if (parts === MAX_PARTS) throw new RangeError(`more than ${MAX_PARTS} parts`);
      const sending = sendPart(part, ++parts)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => underWay.delete(sending));
      underWay.add(sending);
      if (underWay.size >= bounds.partsInFlight) await Promise.race(underWay);
      if (failure !== undefined) throw failure;
    },
    async complete() {
      await Promise.all(underWay);
      if (failure !== undefined) throw failure;
      const Parts = sent.sort((one, other) => one.PartNumber - other.PartNumber);
      try {
        await s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
      } catch (error) {
        // A try before may have succeeded without its answer being heard.
        if (isMissingObject(error) && (await isThere().catch(() => false))) return;
        throw s3Error(error, address);
      }
    },
    async abort() {
      stopping.abort();
      // A part that arrives after the end would be kept by the store.
      await Promise.all(underWay);
      const late = new AbortController();
      const forget = clock.after(bounds.cleanUp, () => late.abort());
      await s3.abortMultipartUpload(upload, { abortSignal: late.signal }).catch(() => undefined);
      forget();
    },
  };
}
