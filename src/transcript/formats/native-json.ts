import type { Transcript } from '../../core/index.ts';
import { findKeywords } from '../keywords.ts';

/** Raised when a reader of the older version would misread the newer; fields may be added within one. */
export const NATIVE_VERSION = 1;

/** Our own document: times in milliseconds, everything that the transcript knows, keyword hits where keywords were given. */
export interface NativeDocument {
  readonly format: 'scriptorium-transcript';
  readonly version: typeof NATIVE_VERSION;
  readonly task: 'transcribe' | 'translate';
  /** ISO 639-1 code of what is spoken. */
  readonly language: string;
  readonly durationMs: number;
  readonly channel?: number;
  readonly text: string;
  readonly segments: readonly NativeSegment[];
  readonly keywords?: readonly NativeHit[];
}

export interface NativeSegment {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly language: string;
  readonly avgLogprob: number;
  readonly noSpeechProbability: number;
  readonly compressionRatio: number;
  readonly temperature: number;
  readonly tokens: readonly number[];
  readonly words?: readonly NativeWord[];
}

export interface NativeWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly probability: number;
}

export interface NativeHit extends NativeWord {
  readonly keyword: string;
}

export interface NativeOptions {
  readonly words: boolean;
  readonly keywords: readonly string[];
}

/** The transcript as our own document. */
export function nativeDocument(transcript: Transcript, { words, keywords }: NativeOptions): NativeDocument {
  const { task, language, duration, channel, text, segments } = transcript;
  return {
    format: 'scriptorium-transcript',
    version: NATIVE_VERSION,
    task,
    language,
    durationMs: whole(duration),
    ...(channel === undefined ? {} : { channel }),
    text,
    segments: segments.map((segment) => nativeSegment(segment, words)),
    ...(keywords.length === 0
      ? {}
      : { keywords: findKeywords(transcript, keywords).map((hit) => ({ keyword: hit.keyword, ...nativeWord(hit) })) }),
  };
}

/** One segment of it: what `--json` gives as each becomes final. */
export function nativeSegment(segment: Transcript['segments'][number], words: boolean): NativeSegment {
  return {
    startMs: whole(segment.start),
    endMs: whole(segment.end),
    text: segment.text,
    language: segment.language,
    avgLogprob: finite(segment.avgLogprob),
    noSpeechProbability: finite(segment.noSpeechProbability),
    compressionRatio: finite(segment.compressionRatio),
    temperature: segment.temperature,
    tokens: segment.tokens,
    ...(words && segment.words !== undefined ? { words: segment.words.map(nativeWord) } : {}),
  };
}

const nativeWord = (word: {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly probability: number;
}): NativeWord => ({
  text: word.text,
  startMs: whole(word.start),
  endMs: whole(word.end),
  probability: finite(word.probability),
});

/** JSON has no NaN and no infinity; more than four places of a probability tell nothing. */
const finite = (value: number): number => (Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : 0);
const whole = (ms: number): number => Math.max(0, Math.round(Number.isFinite(ms) ? ms : 0));

export const writeNativeJson = (transcript: Transcript, options: NativeOptions): string =>
  `${JSON.stringify(nativeDocument(transcript, options), null, 2)}\n`;
