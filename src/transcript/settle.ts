import { codePoints, millis, stableText, type Millis, type Word } from '../core/index.ts';
import { cleanText } from './clean-text.ts';
import { inTime } from './in-time.ts';
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

/** How probable a word must be, in [0, 1], once so much sound behind its end was heard. */
export interface Bar {
  readonly behind: Millis;
  readonly leastProbability: number;
}

export interface SettleRules {
  /** Ascending; the last that holds counts. */
  readonly bars: readonly Bar[];
  /** With so much sound behind it a word is settled as it reads, the second time or later: what still changes it is chance. */
  readonly whatever: Millis;
  /** Words at the end that are not settled: their sound may go on. */
  readonly heldBack: number;
}

/**
 * One doubtful word holds up all behind it, so the bar falls as time goes by. Lower, or sooner, words settle sooner, and more of
 * them stand in finals that a whole decode hears otherwise. `npm run bench:live` measures both.
 */
export const SETTLE_RULES: SettleRules = {
  bars: [
    { behind: millis(0), leastProbability: 0.55 },
    { behind: millis(4000), leastProbability: 0.45 },
    { behind: millis(6000), leastProbability: 0.3 },
  ],
  whatever: millis(8000),
  heldBack: 1,
};

/**
 * Takes in what was heard now: words that two texts in a row agree on (LocalAgreement-2, Liu et al. 2020, "Low-latency
 * sequence-to-sequence speech recognition and translation by partial hypothesis selection") and that both find probable are
 * settled, in order, and stay as they are, but for a mark that may still be put behind the last. Words that were settled before are
 * taken from `before`.
 *
 * @param heard words of the whole, with `text` as it is spelled; begins with the settled ones, unless it is of no use.
 * @param to where the sound ends that was heard, on the clock of the words' times.
 * @returns undefined when it contradicts what is settled: then `before` stays shown.
 */
export function settle(
  before: Shown,
  heard: SpelledWords,
  to: Millis,
  rules: SettleRules = SETTLE_RULES,
): Shown | undefined {
  const fixed = keep(before.words.slice(0, before.settled), heard.words);
  if (fixed === undefined) return undefined;
  const words = inTime([...fixed, ...heard.words.slice(fixed.length)]);
  const last = Math.max(fixed.length, words.length - rules.heldBack);
  let settled = fixed.length;
  while (settled < last && isSettled(before.words[settled], words[settled], to, rules)) settled++;
  const placed = locateWords({ text: heard.text, words });
  const text = textOf(placed);
  const stable = textOf(placed.slice(0, settled));
  if (!text.startsWith(stableText(before))) return undefined;
  return { text, stable: codePoints(stable), settled, words };
}

/** Punctuation, as a decoder may put it behind a word that it was given. */
const MARKS = /^[\p{P}\p{S}]*$/u;

/** The settled words, with marks that were heard behind them; undefined when others were heard. */
function keep(settled: readonly Word[], heard: readonly Word[]): readonly Word[] | undefined {
  const kept: Word[] = [];
  for (const [index, word] of settled.entries()) {
    const other = heard[index];
    if (other?.text.startsWith(word.text) !== true) return undefined;
    kept.push(MARKS.test(other.text.slice(word.text.length)) ? other : word);
  }
  return kept;
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

function isSettled(a: Word | undefined, b: Word | undefined, to: Millis, { bars, whatever }: SettleRules): boolean {
  if (a === undefined || b === undefined) return false;
  const behind = to - b.end;
  if (behind >= whatever) return true;
  if (spokenForm(a) !== spokenForm(b)) return false;
  const { leastProbability = 1 } = bars.findLast((bar) => bar.behind <= Math.max(0, behind)) ?? {};
  return Math.min(a.probability, b.probability) >= leastProbability;
}
