import type { Millis } from './units.ts';

/** One word as it is read, with its punctuation, without the white space around it. */
export interface Word {
  readonly text: string;
  /** From the start of the recording; `start <= end`. */
  readonly start: Millis;
  readonly end: Millis;
  /** Mean probability of the word's tokens, in [0, 1]. */
  readonly probability: number;
  /** Ids of the tokens that spell it, in order; those of all words of a segment are the segment's. */
  readonly tokens: readonly number[];
}

/** One settled piece of a transcript: what stands between two pauses, at most 30 s. */
export interface TranscriptSegment {
  readonly text: string;
  readonly start: Millis;
  readonly end: Millis;
  readonly language: string;
  /** Ids of the tokens of `text`. */
  readonly tokens: readonly number[];
  /** Present when word times were asked for; in order. */
  readonly words?: readonly Word[];
  /** Mean log probability of the tokens, the end token among them. */
  readonly avgLogprob: number;
  /** Probability, in [0, 1], that nobody speaks. */
  readonly noSpeechProbability: number;
  /** Bytes of the text over bytes of its deflated form (Whisper's measure of repetition). */
  readonly compressionRatio: number;
  readonly temperature: number;
}

/** The ordered finals of one channel of one recording. */
export interface Transcript {
  readonly text: string;
  /** ISO 639-1 code: the asked one, or the one heard most. */
  readonly language: string;
  readonly task: 'transcribe' | 'translate';
  /** How long the recording is, silence included. */
  readonly duration: Millis;
  readonly segments: readonly TranscriptSegment[];
  /** 0 first; present when channels were kept apart. */
  readonly channel?: number;
}
