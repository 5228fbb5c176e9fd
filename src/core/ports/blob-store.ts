/** The blob store port: uploads and finished transcripts, as bytes under a key. */

export interface BlobFacts {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/**
 * A key is two to four parts joined by `/`, each of letters, digits, `-`, `_` and `.`, not starting with a dot; the first part
 * is the session that the blob belongs to. Blobs of a session without a record are removed when the broker is opened: whoever sent
 * them had no answer.
 */
export interface BlobStore {
  /**
   * Writes a blob whole or not at all: until it resolves nobody sees it, and a crash leaves nothing behind. Replaces an earlier one.
   *
   * @throws ScriptoriumError `upload-too-large` as soon as `limit` is passed, `storage-full`; what `bytes` throws; the reason
   *   of `signal`.
   */
  put(
    key: string,
    bytes: AsyncIterable<Uint8Array>,
    options: {
      readonly limit: number;
      readonly signal?: AbortSignal;
      /** Whether it is to be found after a power cut too, as what was promised must be; so unless told otherwise. */
      readonly lasting?: boolean;
    },
  ): Promise<BlobFacts>;
  /** @throws ScriptoriumError `blob-missing`, while iterating. */
  open(key: string): AsyncIterable<Uint8Array>;
  /** Where it stands as a file that may be read and sought, if it does; valid until it is removed. */
  path(key: string): string | undefined;
  /** `false` when there was none. */
  remove(key: string): Promise<boolean>;
  /** Keys of one session, sorted. */
  list(session: string): Promise<readonly string[]>;
}
