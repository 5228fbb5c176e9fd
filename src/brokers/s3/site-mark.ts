import { ScriptoriumError } from '../../core/index.ts';
import type { Store } from './client.ts';
import { download } from './download.ts';
import { isThereAlready, isUnknownCall, noStore, s3Error } from './s3-error.ts';

/** In it a prefix says whose it is. No session's: those begin with no dot. */
export const MARK = '.scriptorium-site';
/** Longer than any that is written. */
const MARK_BYTES = 512;
/** What is there already, or was just written, is read in the next turn. */
const TURNS = 3;

/** Undefined where nothing is. @throws ScriptoriumError `storage-*`. */
export async function markOf(store: Store): Promise<string | undefined> {
  try {
    for await (const chunk of download(store, MARK))
      return Buffer.from(chunk.subarray(0, MARK_BYTES)).toString().trim();
    return '';
  } catch (error) {
    if (error instanceof ScriptoriumError && error.code === 'blob-missing') return undefined;
    throw error;
  }
}

/**
 * Writes the mark where none is, and answers what is there then. Stores that know no conditions may take a second one, so that a site's is
 * always the same. @throws ScriptoriumError `storage-*`.
 */
export async function claimed(store: Store, text: string): Promise<string> {
  const { s3, address, call } = store;
  const object = { Bucket: address.bucket, Key: `${address.prefix}${MARK}`, Body: `${text}\n` };
  for (let turn = 0; turn < TURNS; turn++) {
    const there = await markOf(store);
    if (there !== undefined) return there;
    try {
      await s3.putObject({ ...object, IfNoneMatch: '*' });
    } catch (error) {
      if (isUnknownCall(error)) await call(s3.putObject(object));
      else if (!isThereAlready(error)) throw s3Error(error, address);
    }
  }
  const there = await markOf(store);
  if (there === undefined) throw noStore(address);
  return there;
}
