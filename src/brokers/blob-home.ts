import type { BlobStore, Millis } from '../core/index.ts';

/** Where the blobs of a site are, for a broker that several processes share: what is half written may be another's. */
export interface BlobHome {
  readonly port: BlobStore;
  /** Sessions whose blobs did not change for so long. */
  sessions(age: Millis): AsyncIterable<string>;
  /**
   * What tells this place from any other, the same whoever asks: two processes that are told different ones don't see each
   * other's blobs. @param prefix of the site's keys.
   */
  mark(prefix: string): Promise<string>;
  /** Removes all blobs of a session. */
  forget(session: string): Promise<void>;
  /** Ends what it has under way. */
  close(): Promise<void>;
}

/**
 * Opens one for a broker, which tells whether it is open itself.
 *
 * @throws ScriptoriumError `storage-*`, saying what to change.
 */
export type OpenBlobs = (checkOpen: () => void) => Promise<BlobHome>;
