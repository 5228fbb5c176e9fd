import type { Word } from '../core/index.ts';
import { inTime } from './in-time.ts';
import { gapBetween } from './spacing.ts';
import { locateWords, textOf } from './locate-words.ts';
import { spokenForm } from './spoken-form.ts';

/** So many milliseconds between two words' ends count as much as one word that differs. */
const MS_A_WORD = 2000;

export interface SpelledWords {
  readonly text: string;
  readonly words: readonly Word[];
}

/**
 * Words that must stay, and behind them what another hearing of the same sound has there: it is entered where as few of its words as
 * possible differ from those that stay, and where the last of both end at the same time. Heard in full and without constraint,
 * the rest is better than one decoded behind the same words: a wrong word among them does not lead it astray.
 *
 * @param kept with the text that they are spelled as.
 */
export function splice(kept: SpelledWords, heard: SpelledWords): SpelledWords {
  const last = kept.words.at(-1);
  if (last === undefined) return heard;
  const placed = locateWords(heard);
  const count = entry(kept.words.map(spokenForm), placed.map(spokenForm), (before) => {
    const end = placed[before - 1]?.end ?? 0;
    return Math.abs(end - last.end) / MS_A_WORD;
  });
  const rest = placed.slice(count);
  const [first] = rest;
  if (first === undefined) return kept;
  // "42-line" may be two words; before the first of all there is no gap to be told.
  const gap = count === 0 ? gapBetween(last.text, first.text) : first.gap;
  const words = rest.map(({ text, start, end, probability, tokens }) => ({ text, start, end, probability, tokens }));
  return { text: kept.text + gap + textOf(rest), words: [...kept.words, ...inTime(words, last.end)] };
}

/** How many of the heard words stand for the kept ones: the fewest edits and the least `distance`; of equals, the fewest words. */
function entry(kept: readonly string[], heard: readonly string[], distance: (count: number) => number): number {
  let edits = Array.from({ length: heard.length + 1 }, (_, count) => count);
  for (const [index, word] of kept.entries()) {
    const next = [index + 1];
    for (const [count, other] of heard.entries()) {
      const changed = (edits[count] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(changed, (edits[count + 1] ?? 0) + 1, (next[count] ?? 0) + 1));
    }
    edits = next;
  }
  let best = 0;
  let least = Infinity;
  for (const [count, changes] of edits.entries()) {
    const cost = changes + distance(count);
    if (cost < least) [best, least] = [count, cost];
  }
  return best;
}
