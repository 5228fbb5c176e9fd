/** A live session as the session store keeps it. */
import type { Millis, Samples } from '../units.ts';
import type { LiveView } from './fold-live.ts';
import type { HeardOutcome, LiveRequest, LIVE_VERSION, PendingFinalize } from './live-session.ts';

/** What became of a final whose utterance is not the next: it waits for those before it. */
export type HeldFinal = HeardOutcome | { readonly type: 'failed'; readonly utterance: number };

/** What a gateway that takes a session over has to know, and events and sound do not tell. */
export interface LiveCarry {
  /** Samples that the client had dropped. */
  readonly gap: Samples;
  /** Asked for, and not answered yet. */
  readonly finalizing: readonly PendingFinalize[];
  /** Utterances that the client threw away. */
  readonly cleared: readonly number[];
  /** When its gateway gave a sign of life, in broker time. */
  readonly aliveAt: Millis;
}

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
  readonly carry: LiveCarry;
}
