import type { DecodeOptions, Engine, EngineResult, Segment, EarlierWords, Word } from '../core/index.ts';
import { millis, type Millis } from '../core/index.ts';

/**
 * Hears an utterance together with what was said before it, as the sentences of a file are heard together: the words before are
 * forced, and left out of the result, whose times are the utterance's own.
 *
 * @param segment begins where the sound of `earlier` does.
 * @param own where the utterance begins, from the segment's start.
 * @returns undefined when a guard fails, or the utterance's words can't be told from those before: then it is to be heard by itself.
 */
export async function hearBehind(
  engine: Pick<Engine, 'transcribe'>,
  segment: Segment,
  { words }: EarlierWords,
  own: Millis,
  options: DecodeOptions,
  signal: AbortSignal,
): Promise<EngineResult | undefined> {
  const prefix = words.flatMap(({ tokens }) => tokens);
  const first = options.temperatures.slice(0, 1);
  const result = await engine.transcribe(segment, { ...options, temperatures: first, once: true, prefix }, signal);
  return result.retries.length > 0 ? undefined : withoutFirst(result, words, own);
}

function withoutFirst(result: EngineResult, before: EarlierWords['words'], own: Millis): EngineResult | undefined {
  const heard = result.words ?? [];
  const [first, ...others] = heard.slice(before.length);
  // A word in the pause is not the utterance's. None at all is more likely a decoder that took the end of the prefix for the end of it all.
  if (first === undefined || first.start < own) return undefined;
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

const MARKS = /^[\p{P}\p{S}]*$/u;

/** A mark behind the last word may be the decoder's own. */
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
