import type { Clock } from '../../core/index.ts';
import type { BlobHome, OpenBlobs } from '../blob-home.ts';
import { checkedSession, isNoBlob, partsOfKey } from '../names.ts';
import { s3AddressOf, type Environment } from './address.ts';
import { S3_BOUNDS, type S3Bounds } from './bounds.ts';
import { openStore, type Store } from './client.ts';
import { download } from './download.ts';
import { endUnfinished, listed } from './listing.ts';
import { isMissingObject, noStore, s3Error } from './s3-error.ts';
import { MARK, claimed, markOf } from './site-mark.ts';
import { upload } from './upload.ts';

export interface S3BlobsOptions {
  /** `s3://BUCKET[/PREFIX][?region=…&endpoint=…&path-style=yes|no]`. What stands under the prefix is the site's alone. */
  readonly url: string;
  /** Of which the usual variables are read: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`. */
  readonly env: Environment;
  readonly clock: Clock;
  readonly bounds?: Partial<S3Bounds>;
}

/** What says whose the prefix is. No session's: those begin with no dot. */
const SIGN = '.scriptorium';
const SIGN_TEXT = 'Recordings and transcripts of a site: all under this prefix is its own, and is removed by it.\n';
const NOBODY = '.nobody';

/** Finds out at the start what would fail later: bucket, keys, rights, room, and whether it is a store at all. */
async function tryOut(store: Store): Promise<void> {
  const { s3, address, call } = store;
  const object = (key: string) => ({ Bucket: address.bucket, Key: `${address.prefix}${key}` });
  await call(s3.putObject({ ...object(SIGN), Body: SIGN_TEXT }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of download(store, SIGN)) chunks.push(chunk);
  if (Buffer.concat(chunks).toString() !== SIGN_TEXT) throw noStore(address);
  await call(s3.deleteObject(object(NOBODY)));
}

/**
 * Blobs as objects of a bucket, `PREFIX/SESSION/NAME`, seen whole or not at all. The package for S3 is loaded when they are opened.
 *
 * @returns what opens them: `storage-refused` says what to change in the address, the bucket or the rights of the keys,
 *   `storage-unreachable` that the store does not answer.
 */
export function s3Blobs({ url, env, clock, bounds }: S3BlobsOptions): OpenBlobs {
  return async (checkOpen) => {
    const store = await openStore(s3AddressOf(url, env), { env, clock, bounds: { ...S3_BOUNDS, ...bounds } });
    try {
      await tryOut(store);
      await endUnfinished(store);
    } catch (error) {
      store.s3.destroy();
      throw error;
    }
    return home(store, checkOpen);
  };
}

function home(store: Store, checkOpen: () => void): BlobHome {
  const { s3, address, call } = store;
  const place = `s3://${address.bucket}/${address.prefix}`;
  const left = new Set<Promise<void>>();
  const uploading = {
    store,
    checkOpen,
    leave(work: Promise<void>) {
      const done: Promise<void> = work.catch(() => {}).finally(() => left.delete(done));
      left.add(done);
    },
  };
  const object = (key: string) => ({ Bucket: address.bucket, Key: `${address.prefix}${key}` });

  async function remove(key: string): Promise<boolean> {
    const found = await s3.headObject(object(key)).catch((error: unknown) => {
      if (isMissingObject(error)) return undefined;
      throw s3Error(error, address);
    });
    if (found !== undefined) await call(s3.deleteObject(object(key)));
    return found !== undefined;
  }

  async function keysOf(session: string): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const { key } of listed(store, `${checkedSession(session)}/`)) keys.push(key);
    return keys.sort();
  }

  return {
    port: {
      async put(key, bytes, options) {
        checkOpen();
        partsOfKey(key);
        return upload(uploading, key, bytes, options);
      },
      async *open(key) {
        checkOpen();
        partsOfKey(key);
        yield* download(store, key);
      },
      path(key) {
        partsOfKey(key);
        return undefined;
      },
      async remove(key) {
        checkOpen();
        partsOfKey(key);
        return remove(key);
      },
      async list(session) {
        checkOpen();
        return keysOf(session);
      },
    },
    async *sessions(age) {
      let session = '';
      let youngest = Number.POSITIVE_INFINITY;
      // In order of their keys, so that what is of one session stands together.
      for await (const { key, age: own } of listed(store, '')) {
        const [first = '', ...others] = key.split('/');
        if (others.length === 0) continue;
        if (first !== session && session !== '' && youngest >= age) yield session;
        youngest = first === session ? Math.min(youngest, own) : own;
        session = first;
      }
      if (session !== '' && youngest >= age) yield session;
    },
    mark: () => markOf(store),
    claim: (prefix, site) => claimed(store, `${prefix} ${site}`),
    markedAt: `${place}${MARK}`,
    nameOf: () => place,
    async forget(session) {
      const keys = await keysOf(session);
      if (keys.some(isNoBlob)) return;
      for (const key of keys) await call(s3.deleteObject(object(key)));
    },
    async close() {
      await Promise.all(left);
      s3.destroy();
    },
  };
}
