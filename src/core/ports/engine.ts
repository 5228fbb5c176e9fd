/** The engine port: what turns a segment into tokens, words and text. `whisper` is one, `scripted` another. */
import type { Segment } from '../speech.ts';
import type { Word } from '../transcript.ts';

/** What a loaded model is. */
export interface ModelInfo {
  readonly name: string;
  /** SHA-256 of the model's content, hex. */
  readonly digest: string;
  readonly multilingual: boolean;
  /** ISO 639-1 codes, in the model's order. */
  readonly languages: readonly string[];
  readonly mels: number;
  readonly vocabulary: number;
  readonly precision: 'int8' | 'f32';
}

export interface DecodeOptions {
  /** ISO 639-1 code, or `auto` to let the model decide for each segment. */
  readonly language: string;
  readonly task: 'transcribe' | 'translate';
  /** Rows of the beam; 1 is greedy. 1 to 8. */
  readonly beamSize: number;
  /** Exponent of the length penalty on a hypothesis's log probability; 1 is the plain mean. */
  readonly lengthPenalty: number;
  /** Tried in order until one passes the thresholds; the first is normally 0. */
  readonly temperatures: readonly number[];
  /** A text more repetitive than this is tried again. */
  readonly compressionRatioThreshold: number;
  /** A text less probable than this is tried again. */
  readonly logprobThreshold: number;
  /** Above it, and under `logprobThreshold`, the segment counts as silence. */
  readonly noSpeechThreshold: number;
  /** Text that the decoder believes came before. */
  readonly prompt?: string;
  /** Words to favour: they are put before the prompt as a glossary. */
  readonly keywords?: readonly string[];
  /**
   * Tokens that the text begins with, whatever is heard: they are not decoded again, count as certain, and are part of the
   * result. Not with `timestamps`.
   */
  readonly prefix?: readonly number[];
  /** Tokens that probably follow the prefix: greedy decoding is faster where they do, and its text the same in any case. */
  readonly guess?: readonly number[];
  /** One attempt: `retries` tells which guard it failed, if any. */
  readonly once?: boolean;
  /** Whether others go first: it will soon be asked again, or nobody waits for it. */
  readonly givesWay?: boolean;
  /** Whether to find each word's time by attention. */
  readonly words: boolean;
  /** Whether to decode Whisper's own time stamps (OpenAI's rules) rather than plain text. */
  readonly timestamps: boolean;
  /** Whether to keep non-speech symbols and sound tags away (OpenAI's list). */
  readonly suppressSymbols: boolean;
  /** Seeds the draws at temperatures above 0. */
  readonly seed: number;
}

/** Why a decode was done again. */
export type RetryReason = 'loop' | 'early-end' | 'low-probability' | 'repetition';

/** One piece of text with its time, in milliseconds from the first sample of the segment given. */
export interface DecodedSpan {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly tokens: readonly number[];
}

/** What an engine made of one segment; times in milliseconds from the segment's first sample. */
export interface EngineResult {
  readonly text: string;
  readonly language: string;
  /** Probability of `language`; 1 when it was given. */
  readonly languageProbability: number;
  readonly tokens: readonly number[];
  /** Whisper's own spans; one over the whole speech unless time stamps were asked for. */
  readonly spans: readonly DecodedSpan[];
  readonly words?: readonly Word[];
  readonly avgLogprob: number;
  readonly noSpeechProbability: number;
  readonly compressionRatio: number;
  readonly temperature: number;
  /** Guards that failed on the way, in order; empty when the first try held. */
  readonly retries: readonly RetryReason[];
  /** Tokens that took no step of their own, being guessed; none unless told. */
  readonly guessed?: number;
}

export interface EngineStats {
  readonly segments: number;
  readonly retries: Readonly<Record<RetryReason, number>>;
  /** Processes that were started in place of another. */
  readonly restarts: number;
  /** Processes that took more memory than they may; they are among those that were replaced. */
  readonly outgrown: number;
  /** What its processes take now, resident; 0 before they tell. */
  readonly memoryBytes: number;
  readonly encodeMs: number;
  readonly decodeMs: number;
  readonly steps: number;
  /** Rows over all steps: `rows / steps` is the mean batch. */
  readonly rows: number;
}

export interface Engine extends AsyncDisposable {
  readonly info: ModelInfo;
  /** How many segments it works on at once; a caller that keeps more waiting gains nothing. */
  readonly concurrency: number;
  /**
   * Turns one segment into words. Segments given together share decode batches.
   *
   * @param segment 1 to 480,000 samples; read, never kept or changed.
   * @param onProgress told now and then how far it is, in [0, 1]: an estimate, which may fall. Not every engine tells.
   * @throws ScriptoriumError `engine-crashed` or `engine-timeout` when the process died or hung (a new one is started),
   *   `language-unsupported`; the reason of `signal` soon after its abort.
   */
  transcribe(
    segment: Segment,
    options: DecodeOptions,
    signal?: AbortSignal,
    onProgress?: (share: number) => void,
  ): Promise<EngineResult>;
  stats(): EngineStats;
}
