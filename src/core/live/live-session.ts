/** One live session: what was asked for, and what gateway, worker and aggregator hand each other of it. */
import type { DecodeOptions, EngineResult } from '../ports/engine.ts';
import type { SpeechSpan } from '../speech.ts';
import type { Millis, Samples } from '../units.ts';

/** Version of every shape in this folder that is stored or sent between processes. */
export const LIVE_VERSION = 1;

/** How a client sends sound. What holds its own head (`webm`, `ogg`, `flac`, `wav`) tells rate and channels itself. */
export type LiveEncoding = 'pcm_s16le' | 'pcm_f32le' | 'mulaw' | 'alaw' | 'opus' | 'webm' | 'ogg' | 'flac' | 'wav';

export interface LiveAudioFormat {
  readonly encoding: LiveEncoding;
  /** In Hz, 8,000 to 192,000. */
  readonly sampleRate: number;
  /** 1 to 8; they are mixed. */
  readonly channels: number;
}

/** Who says where an utterance ends. */
export interface LiveTurns {
  /** `vad`: a pause ends it. `manual`: the client does; speech is cut only where it gets too long for one window. */
  readonly mode: 'vad' | 'manual';
  /** The pause that ends an utterance. */
  readonly silence: Millis;
  /** Speech begins at this probability, in (0, 1). */
  readonly threshold: number;
  /** How much of what came before the voice belongs to the utterance. */
  readonly prefix: Millis;
  /** Speech that goes on longer is cut, if it can be in a pause from three quarters of it on; at most 28 s. */
  readonly longest: Millis;
}

/** A session that another goes on for. */
export interface ContinuedSession {
  readonly session: string;
  readonly bytes: number;
}

/** What a session was asked for; `update` changes some of it. */
export interface LiveRequest {
  /** What speaks to the client: its messages, ids and errors. */
  readonly dialect: 'live' | 'realtime';
  readonly model: string;
  readonly audio: LiveAudioFormat;
  readonly turns: LiveTurns;
  /** Of finals; partials are decoded with the same language, prompt and keywords. */
  readonly options: DecodeOptions;
  readonly partials: boolean;
  /** The client's own words about the session, given back as they came. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether whoever listens is told words with their times; so without it. */
  readonly words?: boolean;
  /** A session that was lost, and how many bytes of its stream this one does not hear again. */
  readonly continues?: ContinuedSession;
}

/** A client wants to know when all that it sent so far has its finals. */
export interface PendingFinalize {
  readonly id: string;
  /** Of its stream. */
  readonly bytes: number;
  readonly at: Samples;
  /** The last utterance that must have its final; -1 for none. */
  readonly last: number;
}

/** What is settled of an utterance: every later text of it begins so. */
export interface SettledText {
  readonly text: string;
  /** Without those of `kept`. */
  readonly tokens: readonly number[];
  /** How much of it is before the sound that is heard: the decoder knows it as earlier text only. */
  readonly kept?: { readonly words: number; readonly tokens: number };
}

/**
 * `partial`: as far as it was spoken, in little time. `final`: the whole. `early`: a partial that is heard as a final is, put in a
 * pause: when the pause turns out to be the end, it is the final.
 */
export type LiveJobKind = 'partial' | 'early' | 'final';

/** Transcribe an utterance as far as it was spoken. */
export interface LiveJob {
  readonly v: typeof LIVE_VERSION;
  readonly type: 'live';
  readonly kind: LiveJobKind;
  readonly session: string;
  readonly utterance: number;
  /** 1, 2, 3, … of partials, early ones too; `FINAL_REVISION` of the final. */
  readonly revision: number;
  /** Of channel 0 in the audio store; `from < to`. A `partial` hears what came since as well, and may begin behind what is settled. */
  readonly from: Samples;
  readonly to: Samples;
  /** In samples from `from`. */
  readonly speech: readonly SpeechSpan[];
  readonly model: string;
  readonly options: DecodeOptions;
  readonly settled: SettledText;
  /** Of what is decoded greedily: tokens that were shown, behind those that a partial is made to begin with; they are probably heard again. */
  readonly guess?: readonly number[];
  /** A final that is decoded greedily, and once: what a server does that can't keep up. */
  readonly quick: boolean;
}

/** What an engine heard in an utterance; times in milliseconds from `from`. */
export interface HeardOutcome {
  readonly type: 'heard';
  readonly kind: LiveJobKind;
  readonly utterance: number;
  readonly revision: number;
  readonly from: Samples;
  readonly to: Samples;
  /** Settled words of the utterance that are before `from`. */
  readonly kept?: number;
  readonly result: EngineResult;
}

/** Above the revision of any partial: a final is the last result of its slot. */
export const FINAL_REVISION = 1_000_000;
/** Where results of an utterance go in its session. */
export const utteranceSlot = (utterance: number): string => `utterance/${utterance}`;
/** Of an early one: a slot of its own, for nothing follows a result that is as urgent as a final. */
export const earlySlot = (utterance: number, revision: number): string =>
  `${utteranceSlot(utterance)}/early/${revision}`;
/** @returns undefined when the slot is of something else. */
export function utteranceOfSlot(slot: string): number | undefined {
  const [, digits] = /^utterance\/(\d{1,9})(?:\/early\/\d{1,9})?$/u.exec(slot) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
