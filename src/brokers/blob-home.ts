import type { BlobStore, Millis } from '../core/index.ts';

/** Where the blobs of a site are, for a broker that several processes share: what is half written may be another's. */
export interface BlobHome {
  readonly port: BlobStore;
  /** Sessions whose blobs did not change for so long. */
  sessions(age: Millis): AsyncIterable<string>;
  /** What stands in the place about whose it is: one line, the same whoever asks. */
  mark(): Promise<string | undefined>;
  /**
   * Writes that where nothing stands, and answers what stands there then: of many that begin at once, one writes. It ends with the site's id.
   * @param prefix of the site's keys. @param site its id.
   */
  claim(prefix: string, site: string): Promise<string>;
  /** Where the mark is, for messages. */
  readonly markedAt: string;
  /** What versions before agree on for a place with this mark. */
  nameOf(mark: string): string;
  /** Removes all blobs of a session; nothing where another site stands below that name. */
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
