/**
 * A dialect is how one protocol speaks about live sessions: a pure table from a state and an input to the next state and outputs. It
 * knows no socket, no clock and no engine; the socket does what it says.
 */
import type {
  ContinuedSession,
  DecodeOptions,
  LiveAudioFormat,
  LiveEvent,
  LiveTurns,
  Millis,
  ScriptoriumError,
} from '../../core/index.ts';
import type { RealtimeSessionAsk } from '../../protocol/index.ts';

/** What a client asked for; what it left out is the server's choice. */
export interface AskedLive {
  readonly model?: string;
  readonly audio?: LiveAudioFormat;
  readonly turns?: Partial<LiveTurns>;
  readonly options?: Partial<Pick<DecodeOptions, 'language' | 'task' | 'prompt' | 'keywords'>>;
  readonly partials?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly words?: boolean;
  readonly continues?: ContinuedSession;
}

/** What a dialect has the socket do with the session. Each is done before the next input of the client is looked at. */
export type LiveCommand =
  | { readonly type: 'start'; readonly asked: AskedLive }
  /** Take a session up again, and tell of every event behind number `after`. */
  | { readonly type: 'resume'; readonly session: string; readonly token: string; readonly after: number }
  /** Only watch it. */
  | { readonly type: 'watch'; readonly session: string; readonly token: string; readonly after: number }
  | { readonly type: 'audio'; readonly bytes: Uint8Array }
  /** The client dropped so many bytes: the clock moves on. */
  | { readonly type: 'gap'; readonly bytes: number }
  /** Ends the utterance under way; a `finalized` event of this id follows the finals of all that was sent before. */
  | { readonly type: 'finalize'; readonly id: string }
  /** Throws away what was sent and has no final yet. */
  | { readonly type: 'clear' }
  /** `audio` may change as long as none was sent. */
  | { readonly type: 'update'; readonly asked: AskedLive }
  /** No more audio comes: finals, then `ended`. */
  | { readonly type: 'end' };

/** What a dialect may tell a client of its session. */
export interface LiveFacts {
  readonly session: string;
  readonly resumeToken: string;
  /** For those who only watch. */
  readonly viewToken: string;
  readonly model: string;
  readonly audio: LiveAudioFormat;
  readonly turns: LiveTurns;
  readonly language: string;
  readonly prompt: string | undefined;
  readonly keywords: readonly string[];
  readonly words: boolean;
  readonly continues: ContinuedSession | undefined;
  /** Since the Unix epoch: no longer than this. */
  readonly expiresAt: Millis;
  readonly limits: {
    readonly frameBytes: number;
    /** Audio that may be sent ahead of what was taken in. */
    readonly ahead: Millis;
    /** Audio that a client should keep to send it again. */
    readonly replay: Millis;
    readonly idle: Millis;
    readonly resume: Millis;
    readonly longest: Millis;
  };
}

export type DialectInput =
  /** The socket is open; `query`, `protocols` and `betas` (`OpenAI-Beta`) are the request's, `session` is what its client secret was made with. */
  | {
      readonly type: 'open';
      readonly query: URLSearchParams;
      readonly protocols: readonly string[];
      readonly betas: readonly string[];
      readonly session?: RealtimeSessionAsk;
    }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'binary'; readonly bytes: Uint8Array }
  /** `start` was done. */
  | { readonly type: 'started'; readonly facts: LiveFacts }
  /** `resume` or `watch` was done; events behind `after` follow. */
  | { readonly type: 'resumed'; readonly facts: LiveFacts; readonly received: number; readonly after: number }
  /** `update` was done. */
  | { readonly type: 'updated'; readonly facts: LiveFacts }
  /** In bytes of the client's stream. */
  | { readonly type: 'ack'; readonly received: number; readonly safe: number; readonly credit: number }
  | { readonly type: 'event'; readonly seq: number; readonly event: LiveEvent }
  /** A command could not be done, or the session was closed from outside (`session-superseded`, `session-idle`, …). */
  | { readonly type: 'failed'; readonly error: ScriptoriumError; readonly retryAfter?: Millis }
  /** The server stops: the client should go elsewhere by then. */
  | { readonly type: 'draining'; readonly deadline: Millis }
  /** The broker does not answer, or does again. */
  | { readonly type: 'degraded'; readonly active: boolean };

export type DialectOutput =
  | { readonly type: 'send'; readonly message: Readonly<Record<string, unknown>> }
  | { readonly type: 'command'; readonly command: LiveCommand }
  /** What was sent before still goes out. @param reason at most 123 bytes of UTF-8. */
  | { readonly type: 'close'; readonly code: number; readonly reason: string };

export interface DialectStep<State> {
  readonly state: State;
  /** In order. */
  readonly outputs: readonly DialectOutput[];
}

export interface Dialect<State> {
  readonly initial: State;
  /** Never throws: what a client sends wrong is an output. */
  step(state: State, input: DialectInput): DialectStep<State>;
}
