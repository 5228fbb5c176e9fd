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

/** How long ago something happened in the store; 0 where it doesn't say when, or its own `Date` is late. */
const ageOf = (date: Date | undefined, store: Store): Millis =>
  millis(date === undefined ? 0 : Math.max(0, wholeSeconds(store.now()) - wholeSeconds(date)));

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
    for (const { Key = '', LastModified } of page.Contents ?? []) {
      yield { key: Key.slice(address.prefix.length), age: ageOf(LastModified, store) };
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
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (ageOf(Initiated, store) < bounds.unfinished) continue;
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
