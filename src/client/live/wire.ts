/** The messages of `stt.live.v1`, as far as a client sends and reads them. What a server adds later is passed over. */

export type LiveEncoding = 'pcm_s16le' | 'pcm_f32le' | 'mulaw' | 'alaw' | 'opus' | 'webm' | 'ogg' | 'flac' | 'wav';

export interface LiveAudio {
  readonly encoding: LiveEncoding;
  readonly sample_rate: number;
  readonly channels: number;
}

/** Who says where an utterance ends: a pause (`vad`), or `finalize` (`manual`). */
export interface LiveTurns {
  readonly mode?: 'vad' | 'manual';
  readonly silence_ms?: number;
  readonly threshold?: number;
  readonly prefix_ms?: number;
  readonly max_ms?: number;
}

/** A word and when it is said, from the start of the stream; `p` is how sure the engine is, 0 to 1. */
export interface LiveWord {
  readonly w: string;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly p: number;
}

export interface LiveLimits {
  readonly max_frame_bytes: number;
  readonly ahead_ms: number;
  readonly replay_ms: number;
  readonly idle_ms: number;
  readonly resume_ms: number;
  readonly max_session_ms: number;
}

export interface StartedEvent {
  readonly type: 'started';
  readonly session_id: string;
  /** Whoever has it may take the session up again. */
  readonly resume_token: string;
  /** Whoever has it may watch. */
  readonly view_token: string;
  readonly model: string;
  readonly audio: LiveAudio;
  readonly limits: LiveLimits;
}
export interface SpeechStartEvent {
  readonly type: 'speech_start';
  readonly segment?: number;
  readonly at_ms: number;
}
export interface SpeechEndEvent {
  readonly type: 'speech_end';
  readonly segment?: number;
  readonly at_ms: number;
}
export interface LanguageEvent {
  readonly type: 'language';
  readonly code: string;
  readonly probability: number;
}
/** Takes the place of earlier revisions of its segment; the first `stable` code points of `text` will not change. */
export interface PartialEvent {
  readonly type: 'partial';
  readonly segment: number;
  readonly rev: number;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
  readonly stable: number;
  readonly words?: readonly LiveWord[] | undefined;
}
/** Once for each segment, in their order, never changed; empty text takes the segment back. */
export interface FinalEvent {
  readonly type: 'final';
  readonly segment: number;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
  readonly words?: readonly LiveWord[] | undefined;
  readonly language?: string;
  readonly avg_logprob?: number;
  readonly no_speech_prob?: number;
}
export interface FinalizedEvent {
  readonly type: 'finalized';
  readonly id: string;
  readonly bytes: number;
}
export interface WarningEvent {
  readonly type: 'warning';
  readonly code: string;
  readonly message: string;
}
/** Service is cut back, or whole again: `normal`, `partials-slow`, `partials-none`. */
export interface LoadEvent {
  readonly type: 'load';
  readonly step: string;
}
/** Another server has taken the session over. */
export interface MovedEvent {
  readonly type: 'moved';
}
/** Something that was asked for could not be done; the session goes on unless it is `fatal`. */
export interface ErrorEvent {
  readonly type: 'error';
  readonly code: string;
  readonly message: string;
  readonly fatal?: boolean;
  readonly retry_after_ms?: number | undefined;
}
/** Where sound went: `received` is the sum of the others. */
export interface LiveLedger {
  readonly received: number;
  readonly transcribed: number;
  readonly silence: number;
  readonly suppressed: { readonly no_speech: number };
  readonly dropped: { readonly failed: number; readonly cleared: number; readonly gap: number };
}

export interface LiveFigures {
  readonly partials: number;
  readonly finals: number;
  readonly resumes: number;
  readonly words: number;
  /** Words of partials that a later text changed. */
  readonly changed_words: number;
}

/**
 * The last event. `reason` is `done` when the client ended the session. Where one goes on for a session that the server lost, `audio_ms`
 * and `segments` are of the whole; `ledger`, `ledger_ms` and `figures` of the last alone, for what the lost one counted is lost.
 */
export interface EndedEvent {
  readonly type: 'ended';
  readonly reason: string;
  readonly audio_ms?: number;
  /** Finals, empty ones included. */
  readonly segments?: number;
  /** In samples at 16 kHz, and in milliseconds. */
  readonly ledger?: LiveLedger;
  readonly ledger_ms?: LiveLedger;
  readonly figures?: LiveFigures;
}

/** What the server numbers, and tells again after a broken connection. */
export type SessionEvent =
  | StartedEvent
  | SpeechStartEvent
  | SpeechEndEvent
  | LanguageEvent
  | PartialEvent
  | FinalEvent
  | FinalizedEvent
  | WarningEvent
  | LoadEvent
  | MovedEvent
  | ErrorEvent
  | EndedEvent;

export type ControlMessage =
  | { readonly type: 'ack'; readonly received: number; readonly safe: number; readonly credit: number }
  | { readonly type: 'resumed'; readonly received: number }
  | { readonly type: 'skip'; readonly from: number; readonly to: number }
  | { readonly type: 'pong' }
  | { readonly type: 'draining'; readonly deadline_ms: number }
  | { readonly type: 'degraded'; readonly active: boolean };

export type ServerMessage = (SessionEvent & { readonly seq?: number }) | ControlMessage;

/** Fields that a message must have, and what `typeof` says of them. */
export const FIELDS: Readonly<Record<ServerMessage['type'], Readonly<Record<string, string>>>> = {
  started: { session_id: 'string', resume_token: 'string', limits: 'object', audio: 'object' },
  speech_start: { at_ms: 'number' },
  speech_end: { at_ms: 'number' },
  language: { code: 'string' },
  partial: { segment: 'number', rev: 'number', text: 'string', stable: 'number', start_ms: 'number', end_ms: 'number' },
  final: { segment: 'number', text: 'string', start_ms: 'number', end_ms: 'number' },
  finalized: { id: 'string' },
  warning: { code: 'string', message: 'string' },
  load: { step: 'string' },
  moved: {},
  error: { code: 'string', message: 'string' },
  ended: { reason: 'string' },
  ack: { received: 'number', safe: 'number', credit: 'number' },
  resumed: { received: 'number' },
  skip: { from: 'number', to: 'number' },
  pong: {},
  draining: { deadline_ms: 'number' },
  degraded: { active: 'boolean' },
};

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function isServerMessage(value: Fields): value is Fields & ServerMessage {
  const { type } = value;
  if (typeof type !== 'string' || !isKnown(type)) return false;
  return Object.entries(FIELDS[type]).every(([name, kind]) => typeof value[name] === kind && value[name] !== null);
}
const isKnown = (type: string): type is ServerMessage['type'] => Object.hasOwn(FIELDS, type);

/** A number that the server gave to something that this client does not know. */
export interface UnknownMessage {
  readonly type: 'unknown';
  readonly seq?: number;
}

/** @returns undefined when it is nothing that a server of this protocol may send. */
export function readMessage(text: string): ServerMessage | UnknownMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFields(value)) return undefined;
  if (isServerMessage(value)) return value;
  const { type, seq } = value;
  if (typeof type !== 'string' || isKnown(type)) return undefined;
  return typeof seq === 'number' ? { type: 'unknown', seq } : { type: 'unknown' };
}

/** The sub-protocol closes a socket with these; the client is not to come back after those that name an error. */
export const CLOSE = { done: 1000, goingAway: 1001, unknownSession: 4404, quota: 4429, overloaded: 4503 } as const;
export const FINAL_CLOSES: ReadonlyMap<number, { readonly code: string; readonly message: string }> = new Map([
  [4400, { code: 'request-invalid', message: 'the server did not understand a message' }],
  [4401, { code: 'key-invalid', message: 'the server wants another API key' }],
  [4403, { code: 'key-forbidden', message: 'this key may not do that' }],
  [4409, { code: 'session-superseded', message: 'another connection has taken the session over' }],
  [4413, { code: 'frame-too-large', message: 'a message was larger than the server takes' }],
  [4415, { code: 'audio-format-unsupported', message: 'the server cannot read this audio' }],
]);
