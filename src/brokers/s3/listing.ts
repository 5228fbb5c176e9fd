import type { ListMultipartUploadsCommandInput, ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3';
import { millis, type Millis } from '../../core/index.ts';
import type { Store } from './client.ts';
import { isMissingObject, isUnknownCall, s3Error } from './s3-error.ts';

/** One object under the prefix. */
interface Listed {
  /** Without the prefix. */
  readonly key: string;
  /** How long ago it was written, by the store's own time; whole seconds, as that is told. */
  readonly age: Millis;
}

const SECOND_MS = 1000;
const wholeSeconds = (date: Date): number => Math.floor(date.getTime() / SECOND_MS) * SECOND_MS;

/** Objects under the site's prefix and `below`, in order, asked for a page at a time. */
export async function* listed(store: Store, below: string): AsyncGenerator<Listed, void, undefined> {
  const { s3, address, call } = store;
  let ContinuationToken: string | undefined;
  do {
    const page = await call(
      s3.listObjectsV2({
        Bucket: address.bucket,
        Prefix: `${address.prefix}${below}`,
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      }),
    );
    const now = wholeSeconds(store.now());
    for (const { Key = '', LastModified } of page.Contents ?? []) {
      const age = LastModified === undefined ? 0 : now - wholeSeconds(LastModified);
      yield { key: Key.slice(address.prefix.length), age: millis(Math.max(0, age)) };
    }
    const next: string | undefined = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    // A store that names the same page again would never end.
    ContinuationToken = next === ContinuationToken ? undefined : next;
  } while (ContinuationToken !== undefined);
}

/** Takes back uploads that nobody ends any more. A store without such a list keeps none, or ends them by a rule of its own. */
export async function endUnfinished(store: Store): Promise<void> {
  const { s3, address, bounds } = store;
  const bucket = { Bucket: address.bucket };
  const asked = { ...bucket, Prefix: address.prefix };
  let from: Pick<ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> | undefined = {};
  while (from !== undefined) {
    let page: ListMultipartUploadsCommandOutput;
    try {
      page = await s3.listMultipartUploads({ ...asked, ...from });
    } catch (error) {
      if (isUnknownCall(error)) return;
      throw s3Error(error, address);
    }
    const now = wholeSeconds(store.now());
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Initiated === undefined || now - wholeSeconds(Initiated) < bounds.unfinished) continue;
      // Another process may just have done it.
      const ending = s3.abortMultipartUpload({ ...bucket, Key, UploadId });
      await ending.catch((error: unknown) => {
        if (!isMissingObject(error)) throw s3Error(error, address);
      });
    }
    const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    const isAnother: boolean = KeyMarker !== from.KeyMarker || UploadIdMarker !== from.UploadIdMarker;
    from = IsTruncated === true && isAnother ? { KeyMarker, UploadIdMarker } : undefined;
  }
}
