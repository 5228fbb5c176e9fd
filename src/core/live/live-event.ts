/** What clients see of a live session, numbered without holes. */
import type { ErrorCode } from '../errors.ts';
import type { Word } from '../transcript.ts';
import type { Samples } from '../units.ts';

/** Why sound that was received gave no final: silence and text are accounted for elsewhere. */
export type LiveDropReason = 'failed' | 'cleared' | 'gap';

/** Where every sample went: `received` is the sum of the others, to the sample. */
export interface LiveLedger {
  /** At 16 kHz, gaps included. */
  readonly received: Samples;
  /** In utterances that gave text. */
  readonly transcribed: Samples;
  /** In no utterance. */
  readonly silence: Samples;
  /** In utterances that turned out to hold no words. */
  readonly suppressed: { readonly 'no-speech': Samples };
  readonly dropped: Readonly<Record<LiveDropReason, Samples>>;
}

/** What became of an utterance: `failed` keeps what was settled of it; `cleared` was thrown away by the client. */
export type UtteranceFate = 'transcribed' | 'no-speech' | 'failed' | 'cleared';

/**
 * How far a session's service is cut back: `partials-slow` has them less often, `partials-none` not at all. Finals are never
 * shed.
 */
export type LoadStep = 'normal' | 'partials-slow' | 'partials-none';

/** `done`: the client said so; `disconnected`: nobody came back in time. */
export type LiveEndReason = 'done' | 'disconnected' | 'idle' | 'too-long' | 'failed';

/** What the session was like for those who watched it. */
export interface LiveFigures {
  readonly partials: number;
  readonly finals: number;
  /** Sockets that took the session up again. */
  readonly resumes: number;
  /** Partial texts' words that later ones changed, over the words of finals. */
  readonly changedWords: number;
  readonly words: number;
}

/** What a final tells of what was heard; empty text when that was nothing. */
export interface HeardWhole {
  readonly text: string;
  readonly words: readonly Word[];
  readonly tokens: readonly number[];
  readonly language: string;
  readonly languageProbability: number;
  readonly avgLogprob: number;
  readonly noSpeechProbability: number;
}

/** Positions are samples of the session, whose first is 0. */
export type LiveEvent =
  | { readonly type: 'started' }
  /** Utterances are numbered 0, 1, 2, …; `at` is where it begins, what came before the voice included. */
  | { readonly type: 'speech-start'; readonly utterance: number; readonly at: Samples }
  /** `to` ends the utterance's sound; `at` is where it was decided, the pause included. Nothing of it settles after this. */
  | { readonly type: 'speech-end'; readonly utterance: number; readonly to: Samples; readonly at: Samples }
  | { readonly type: 'language'; readonly language: string; readonly probability: number }
  /** Takes the place of earlier revisions; the first `settled` words and `stable` code points never change. */
  | {
      readonly type: 'partial';
      readonly utterance: number;
      readonly revision: number;
      readonly from: Samples;
      /** How far it was heard. */
      readonly to: Samples;
      readonly text: string;
      readonly stable: number;
      readonly settled: number;
      /** Times from the session's start. */
      readonly words: readonly Word[];
      /** Heard as a final is: the final, if speech ends at `to`. */
      readonly whole?: HeardWhole;
    }
  /** Once for each utterance, in their order, never changed. Empty text takes the utterance back. */
  | {
      readonly type: 'final';
      readonly utterance: number;
      readonly from: Samples;
      readonly to: Samples;
      readonly fate: UtteranceFate;
      readonly text: string;
      readonly words: readonly Word[];
      readonly language: string;
      readonly avgLogprob: number;
      readonly noSpeechProbability: number;
      readonly tokens: readonly number[];
    }
  /** All that was sent before the client's `finalize` has its finals. @see LiveCommand */
  | {
      readonly type: 'finalized';
      readonly id: string;
      readonly bytes: number;
      readonly at: Samples;
      /** The last utterance that had begun; -1 when there was none. */
      readonly last: number;
    }
  | { readonly type: 'load'; readonly step: LoadStep }
  /** Another gateway has taken the session over; whoever had it before writes nothing more. */
  | { readonly type: 'moved' }
  | { readonly type: 'warning'; readonly code: ErrorCode; readonly message: string }
  | {
      readonly type: 'ended';
      readonly reason: LiveEndReason;
      readonly ledger: LiveLedger;
      readonly figures: LiveFigures;
    };
