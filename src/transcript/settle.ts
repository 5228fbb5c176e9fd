import { codePoints, stableText, type Word } from '../core/index.ts';
import { cleanText } from './clean-text.ts';
import { locateWords, textOf } from './locate-words.ts';
import { splice, type SpelledWords } from './splice.ts';
import { spokenForm } from './spoken-form.ts';

/** What was shown last of something that is still being spoken. */
export interface Shown {
  readonly text: string;
  /** Code points of `text`, and words of `words`, that never change. */
  readonly stable: number;
  readonly settled: number;
  readonly words: readonly Word[];
}

export interface SettleRules {
  /** A word less probable than this is not settled yet, in [0, 1]. */
  readonly leastProbability: number;
  /** Words at the end that are not settled: their sound may go on. */
  readonly heldBack: number;
}

/**
 * Below 0.55 words are settled that a whole decode hears otherwise: with a bar of 0.4 finals had 12.6 % of their words wrong, with
 * 0.5 11.2 %, with 0.55 10.2 %, and 10.1 % when nothing was settled at all; a word was settled 0.8, 0.8 and 0.95 s after its end
 * (medians; 72 utterances of real recordings, a partial each half second).
 */
export const SETTLE_RULES: SettleRules = { leastProbability: 0.55, heldBack: 1 };

/**
 * Takes in what was heard now: words that two texts in a row agree on (LocalAgreement-2, Liu et al. 2020, "Low-latency
 * sequence-to-sequence speech recognition and translation by partial hypothesis selection") and that both find probable are
 * settled, in order, and stay as they are. Words that were settled before are taken from `before`.
 *
 * @param heard words of the whole, with `text` as it is spelled; begins with the settled ones, unless it is of no use.
 * @returns undefined when it contradicts what is settled: then `before` stays shown.
 */
export function settle(before: Shown, heard: SpelledWords, rules: SettleRules = SETTLE_RULES): Shown | undefined {
  const fixed = before.words.slice(0, before.settled);
  if (!fixed.every(({ text }, index) => heard.words[index]?.text === text)) return undefined;
  const words = [...fixed, ...heard.words.slice(fixed.length)];
  const last = Math.max(fixed.length, words.length - rules.heldBack);
  let settled = fixed.length;
  while (settled < last && agree(before.words[settled], words[settled], rules)) settled++;
  const placed = locateWords({ text: heard.text, words });
  const text = textOf(placed);
  const stable = textOf(placed.slice(0, settled));
  if (!text.startsWith(stableText(before))) return undefined;
  return { text, stable: codePoints(stable), settled, words };
}

/**
 * What the final tells: what was decoded when it begins with the settled words; else those, and behind them the rest of what was
 * decoded. Both are true; only one of them is a promise.
 */
export function finalOf(before: Shown, heard: SpelledWords): SpelledWords {
  const stable = stableText(before);
  const text = cleanText(heard.text);
  if (text.startsWith(stable)) return { ...heard, text };
  return splice({ text: stable, words: before.words.slice(0, before.settled) }, { ...heard, text });
}

function agree(a: Word | undefined, b: Word | undefined, { leastProbability }: SettleRules): boolean {
  if (a === undefined || b === undefined) return false;
  return spokenForm(a) === spokenForm(b) && Math.min(a.probability, b.probability) >= leastProbability;
}
