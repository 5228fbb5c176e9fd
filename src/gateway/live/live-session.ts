import type { LiveEndReason, LiveRequest, LiveView, LoadStep, Samples } from '../../core/index.ts';
import type { LiveHub } from './live-hub.ts';
import type { TakenOver } from './take-over.ts';

/** How much of a client's stream was taken in. */
export interface Received {
  readonly bytes: number;
  /** Of these, what another gateway would not need again. */
  readonly safe: number;
  readonly samples: Samples;
}

/** What may change while a session goes on. */
export type LiveChange = Partial<Pick<LiveRequest, 'audio' | 'turns' | 'options' | 'model' | 'partials'>>;

/**
 * One live session in the gateway that takes its sound in: bytes become samples, samples are stored, speech is found in them, and
 * jobs are put for what was said. It holds no text: that is the event log's.
 *
 * ```
 * live ──finalize──▶ live     the utterance is ended; `finalized` follows its final
 *   │
 *   ├──end──▶ ending ──all finals are there, or `finish` is over──▶ ended
 *   └──another gateway has it, `letGo`──▶ gone     nothing more is written, and nothing more taken in
 * ```
 *
 * Calls take effect in their order, one after the other.
 */
export interface LiveSession {
  readonly id: string;
  readonly tenant: string;
  readonly hub: LiveHub;
  request(): LiveRequest;
  received(): Received;
  /** The same, once all that was pushed before is taken in. */
  settled(): Promise<Received>;
  /**
   * Resolves when the sound is stored and what was said in it is on its way.
   *
   * @throws ScriptoriumError `audio-damaged`, `audio-format-unsupported`, `session-unknown`, `storage-*`.
   */
  push(bytes: Uint8Array): Promise<void>;
  /** So many bytes will never come. @throws ScriptoriumError `request-invalid` when that is no whole number of samples. */
  gap(bytes: number): Promise<void>;
  /** Ends the utterance under way; `finalized` of this id follows when all that was sent has its finals. */
  finalize(id: string): Promise<void>;
  /** Throws away what was said and not ended. */
  clear(): Promise<void>;
  /** @throws ScriptoriumError `request-invalid` when the audio format would change after audio was taken in. */
  update(change: LiveChange): Promise<void>;
  /** Tells that service is cut back, or whole again. */
  tellLoad(step: LoadStep): Promise<void>;
  /** A socket took the session up again. */
  resumed(): void;
  /** No more sound comes; resolves when `ended` is told. Idempotent. */
  end(reason: LiveEndReason): Promise<void>;
  /** Leaves it as it is, for another gateway or a later time; what was pushed before is stored. Idempotent. */
  letGo(): Promise<void>;
}

/** OpenAI's protocol has no way to come back. */
export const canResume = ({ request }: Pick<LiveSession, 'request'>): boolean => request().dialect !== 'realtime';

export interface OpenLive {
  readonly id: string;
  readonly tenant: string;
  /** Of a session that was begun elsewhere, `request` is what it had there. */
  readonly start: { readonly request: LiveRequest; readonly view: LiveView } & Partial<TakenOver>;
  /** Another gateway has it now. */
  readonly onMoved: () => void;
}
