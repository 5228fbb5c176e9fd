import type { DecodeOptions, EarlierWords, EngineResult, Samples, SpeechSpan, Word } from '../core/index.ts';
import { ScriptoriumError, millis, samples, samplesToMillis, type Millis } from '../core/index.ts';
import { withSegment, type SegmentParts, type SegmentPlace } from './with-segment.ts';

/**
 * Hears an utterance together with what was said before it, as the sentences of a file are heard together: the words before are
 * forced, and left out of the result, whose times are the utterance's own. Nothing is tried twice.
 *
 * @param place of the utterance; the parameters are those of `withSegment`.
 * @returns undefined when the earlier sound is not kept any more, a guard fails, or the utterance's words can't be told from those
 *   before: then it is to be heard by itself.
 */
export async function hearTogether(
  place: SegmentPlace,
  { from, words }: EarlierWords,
  options: DecodeOptions,
  alone: boolean,
  parts: SegmentParts,
  signal: AbortSignal,
): Promise<EngineResult | undefined> {
  const prefix = words.flatMap(({ tokens }) => tokens);
  const once = { ...options, temperatures: options.temperatures.slice(0, 1), once: true, prefix };
  const before = samples(place.from - from);
  const both = { ...place, from, speech: behind(before, place.speech) };
  try {
    const result = await withSegment(both, alone, parts, signal, (engine, segment) =>
      engine.transcribe(segment, once, signal),
    );
    return result.retries.length > 0 ? undefined : withoutFirst(result, words, samplesToMillis(before));
  } catch (error) {
    if (error instanceof ScriptoriumError && error.code === 'audio-gone') return undefined;
    throw error;
  }
}

/** Spans of an utterance that is heard behind so much of what was said before it. */
const behind = (before: Samples, speech: readonly SpeechSpan[]): readonly SpeechSpan[] => [
  { start: samples(0), end: before },
  ...speech.map(({ start, end }) => ({ start: samples(start + before), end: samples(end + before) })),
];

/** @param own where the utterance begins, from the start of the sound. */
function withoutFirst(result: EngineResult, before: EarlierWords['words'], own: Millis): EngineResult | undefined {
  const heard = result.words ?? [];
  const [first, ...others] = heard.slice(before.length);
  // A word in the pause is not the utterance's. None at all is more likely a decoder that took the end of the prefix for the end of it all.
  if (first === undefined || first.start < own || hasNoTime(heard)) return undefined;
  const at = before.every((word, i) => isSame(heard[i], word)) ? endOf(result.text, heard.slice(0, before.length)) : -1;
  const from = at < 0 ? -1 : result.text.indexOf(first.text, at);
  if (from < 0) return undefined;
  const words = [first, ...others].map((word) => ({
    ...word,
    start: millis(word.start - own),
    end: millis(word.end - own),
  }));
  const text = result.text.slice(from);
  const tokens = words.flatMap((word) => word.tokens);
  const span = { text, start: millis(first.start - own), end: words.at(-1)?.end ?? millis(0), tokens };
  return { ...result, text, tokens, words, spans: [span] };
}

/** Words at the end that take no time at all are made up: what was said is said once more. One alone may be short, and badly placed. */
const hasNoTime = (words: readonly Word[]): boolean => words.slice(-2).every(({ start, end }) => start === end);

const MARKS = /^[\p{P}\p{S}]*$/u;

/** A mark behind it may be the decoder's own. */
const isSame = (heard: Word | undefined, { text, tokens }: Pick<Word, 'text' | 'tokens'>): boolean =>
  heard !== undefined &&
  heard.text.startsWith(text) &&
  MARKS.test(heard.text.slice(text.length)) &&
  tokens.every((token, i) => heard.tokens[i] === token);

/** Where in a text some words end that it begins with; -1 when it doesn't. */
function endOf(text: string, words: readonly Word[]): number {
  let end = 0;
  for (const word of words) {
    const at = text.indexOf(word.text, end);
    if (at < 0 || text.slice(end, at).trim() !== '') return -1;
    end = at + word.text.length;
  }
  return end;
}
