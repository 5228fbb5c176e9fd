import { languageName, type Transcript, type TranscriptSegment } from '../../core/index.ts';
import { cleanText } from '../clean-text.ts';
import { gapBetween } from '../spacing.ts';

/** One segment of `verbose_json`; times in seconds. */
export interface OpenAiSegment {
  readonly id: number;
  /** Whisper's frame offset, in hundredths of a second; where the segment starts, as ours are not tied to 30 s windows. */
  readonly seek: number;
  readonly start: number;
  readonly end: number;
  /** With Whisper's leading space, where the script has spaces. */
  readonly text: string;
  readonly tokens: readonly number[];
  readonly temperature: number;
  readonly avg_logprob: number;
  readonly compression_ratio: number;
  readonly no_speech_prob: number;
}

/** OpenAI's answer to `response_format=verbose_json`; times in seconds. */
export interface OpenAiVerbose {
  readonly task: 'transcribe' | 'translate';
  /** English name in lower case; `english` for a translation, whatever was spoken. */
  readonly language: string;
  readonly duration: number;
  readonly text: string;
  readonly segments: readonly OpenAiSegment[];
  readonly words?: readonly { readonly word: string; readonly start: number; readonly end: number }[];
}

/** The transcript in OpenAI's verbose shape, with `words` where they are asked for and known. */
export function openAiVerbose(transcript: Transcript, options: { readonly words: boolean }): OpenAiVerbose {
  const { task, language, text, segments } = transcript;
  const words = segments.flatMap((segment) => segment.words ?? []);
  return {
    task,
    language: languageName(task === 'translate' ? 'en' : language).toLowerCase(),
    duration: seconds(transcript.duration),
    text,
    segments: segments.map(verboseSegment),
    ...(options.words
      ? { words: words.map(({ text: word, start, end }) => ({ word, start: seconds(start), end: seconds(end) })) }
      : {}),
  };
}

function verboseSegment(segment: TranscriptSegment, id: number): OpenAiSegment {
  const text = cleanText(segment.text);
  return {
    id,
    seek: Math.floor(finite(segment.start) / 10),
    start: seconds(segment.start),
    end: seconds(segment.end),
    text: gapBetween('a', text) + text,
    tokens: segment.tokens,
    temperature: segment.temperature,
    avg_logprob: finite(segment.avgLogprob),
    compression_ratio: finite(segment.compressionRatio),
    no_speech_prob: finite(segment.noSpeechProbability),
  };
}

/** JSON has no NaN and no infinity. */
const finite = (value: number): number => (Number.isFinite(value) ? value : 0);
const seconds = (ms: number): number => Math.round(finite(ms)) / 1000;

/** `verbose_json` as a document with a line feed at its end. */
export const writeOpenAiJson = (transcript: Transcript, options: { readonly words: boolean }): string =>
  `${JSON.stringify(openAiVerbose(transcript, options), null, 2)}\n`;
