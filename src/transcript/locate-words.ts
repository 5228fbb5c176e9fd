import type { TranscriptSegment, Word } from '../core/index.ts';
import { cleanText } from './clean-text.ts';
import { gapBetween } from './spacing.ts';

/** A word and what stands between it and the one before: the text's own spacing, kept. */
export interface PlacedWord extends Word {
  readonly gap: string;
}

/** How far ahead of the last word the next is looked for, in UTF-16 units: what a lost word may take up. */
const LOOKAHEAD = 16;

/**
 * The words of a segment with the spacing of its text ("Jean-Luc" may be two words with no space between).
 * Where words and text do not tell the same, the words are believed and spaced by script.
 */
export function locateWords(segment: Pick<TranscriptSegment, 'text' | 'words'>): PlacedWord[] {
  const text = cleanText(segment.text);
  const words = (segment.words ?? []).map((word) => ({ ...word, text: cleanText(word.text) }));
  const spoken = withoutSilent(words);
  const gaps: string[] = [];
  let cursor = 0;
  for (const word of spoken) {
    const at = text.indexOf(word.text, cursor);
    const gap = at < 0 || at > cursor + LOOKAHEAD ? undefined : text.slice(cursor, at);
    if (gap === undefined || gap.trim() !== '') return spoken.map((each, i) => ({ ...each, gap: byScript(spoken, i) }));
    gaps.push(gap);
    cursor = at + word.text.length;
  }
  return spoken.map((word, i) => ({ ...word, gap: i === 0 ? '' : (gaps[i] ?? ' ') }));
}

/** Words that nothing is left of go, and their tokens to the word before; at the start, to the one behind. */
function withoutSilent(words: readonly Word[]): readonly Word[] {
  const spoken: Word[] = [];
  let early: readonly number[] = [];
  for (const word of words) {
    const last = spoken.at(-1);
    if (word.text !== '')
      spoken.push({ ...word, tokens: last === undefined ? [...early, ...word.tokens] : word.tokens });
    else if (last === undefined) early = [...early, ...word.tokens];
    else spoken[spoken.length - 1] = { ...last, tokens: [...last.tokens, ...word.tokens] };
  }
  return spoken;
}

const byScript = (words: readonly Word[], i: number): string =>
  i === 0 ? '' : gapBetween(words[i - 1]?.text ?? '', words[i]?.text ?? '');

/** The text of consecutive placed words; the gap before the first is left out. */
export function textOf(words: readonly PlacedWord[]): string {
  return words.map((word, i) => (i === 0 ? '' : word.gap) + word.text).join('');
}
