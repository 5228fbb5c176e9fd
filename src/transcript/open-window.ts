/**
 * What is settled needs not be heard again: only the last seconds of it, so that what is open is heard in its context. Of long
 * utterances most of the sound is spared so.
 */
import { millis, type Millis } from '../core/index.ts';
import { inTime } from './in-time.ts';
import { locateWords, textOf } from './locate-words.ts';
import type { Shown } from './settle.ts';
import type { SpelledWords } from './splice.ts';

export interface OpenWindow {
  /** Settled words before it. */
  readonly kept: number;
  /** Their text. */
  readonly said: string;
  /** Where it begins, on the clock of the words' times. */
  readonly from: Millis;
}

/** Before the first word of the window, whose start is known to a tenth of a second or so. */
const LEAD_MS = 100;
/** Less is not worth a window. */
const LEAST_MS = 2000;

/**
 * @param from where the utterance begins.
 * @param context settled sound that is heard again, at least.
 * @returns undefined when all of it is to be heard.
 */
export function openWindow(shown: Shown, from: Millis, context: Millis): OpenWindow | undefined {
  const settled = shown.words.slice(0, shown.settled);
  const edge = settled.at(-1)?.end ?? 0;
  const kept = settled.findLastIndex(({ start }) => edge - start >= context);
  const first = settled[kept];
  if (first === undefined || kept < 1 || first.start - from < LEAST_MS) return undefined;
  return { kept, said: textOf(locateWords(shown).slice(0, kept)), from: millis(first.start - LEAD_MS) };
}

/** What was heard in a window, with the words before it. */
export function withKept(shown: Shown, kept: number, { text, words }: SpelledWords): SpelledWords {
  const placed = locateWords(shown);
  const before = shown.words.slice(0, kept);
  return {
    text: textOf(placed.slice(0, kept)) + (placed[kept]?.gap ?? '') + text.trim(),
    words: [...before, ...inTime(words, before.at(-1)?.end)],
  };
}
