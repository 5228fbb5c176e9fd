import { codePoints, stableText, type Word } from '../core/index.ts';
import { cleanText } from './clean-text.ts';
import { locateWords, textOf } from './locate-words.ts';

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
 * Of the policies tried on real weights, the one with the fewest settled words that a whole decode would not have (0.7 %), at a
 * median of 0.8 s from a word's end until it is settled.
 */
export const SETTLE_RULES: SettleRules = { leastProbability: 0.4, heldBack: 1 };

/**
 * Takes in what was heard now: words that two texts in a row agree on (LocalAgreement-2, Liu et al. 2020, "Low-latency
 * sequence-to-sequence speech recognition and translation by partial hypothesis selection") and that both find probable are
 * settled, in order, and stay as they are. Words that were settled before are taken from `before`.
 *
 * @param heard words of the whole, with `text` as it is spelled; begins with the settled ones, unless it is of no use.
 * @returns undefined when it contradicts what is settled: then `before` stays shown.
 */
export function settle(
  before: Shown,
  heard: { readonly text: string; readonly words: readonly Word[] },
  rules: SettleRules = SETTLE_RULES,
): Shown | undefined {
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
 * The text of the final: what was decoded when it begins with the settled words, else those alone. Both are true; only one of
 * them is a promise.
 */
export function finalText(before: Pick<Shown, 'text' | 'stable'>, heard: string): string {
  const text = cleanText(heard);
  const stable = stableText(before);
  return text.startsWith(stable) ? text : stable;
}

function agree(a: Word | undefined, b: Word | undefined, { leastProbability }: SettleRules): boolean {
  if (a === undefined || b === undefined) return false;
  return spoken(a) === spoken(b) && Math.min(a.probability, b.probability) >= leastProbability;
}

/** How a word sounds: without case and punctuation, which the open end may still change. */
const spoken = ({ text }: Word): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
