/** A live session as the session store keeps it. */
import type { Millis, Samples } from '../units.ts';
import type { LiveView } from './fold-live.ts';
import type { HeardOutcome, LiveRequest, LIVE_VERSION } from './live-session.ts';

/** What became of a final whose utterance is not the next: it waits for those before it. */
export type HeldFinal = HeardOutcome | { readonly type: 'failed'; readonly utterance: number };

export interface LiveRecord {
  readonly v: typeof LIVE_VERSION;
  readonly request: LiveRequest;
  readonly createdAt: Millis;
  /** Hex of SHA-256 of what proves that one may take the session up again. */
  readonly resumeHash: string;
  /** Of the key that only watches, where one was asked for. */
  readonly viewHash?: string;
  /** A snapshot, which may be some events behind. */
  readonly view: LiveView;
  /** By utterance. */
  readonly held: readonly HeldFinal[];
  /** Bytes and samples that were taken in, as far as they were written down. */
  readonly received: { readonly bytes: number; readonly samples: Samples };
}
