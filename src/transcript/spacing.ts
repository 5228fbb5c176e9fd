/** Where a space stands between two pieces of text: scripts that are written without spaces get none. */

/**
 * Han, kana, Bopomofo and the punctuation set with them: full-width characters that touch their neighbours.
 * Hangul is left out: Korean parts its words.
 */
const CHARACTERS =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Bopomofo}\\u{3000}-\\u{303F}\\u{30FB}\\u{30FC}\\u{FF01}-\\u{FF65}';
const UNSPACED = new RegExp(`[${CHARACTERS}]`, 'u');
const UNSPACED_START = new RegExp(`^[${CHARACTERS}]`, 'u');
const UNSPACED_END = new RegExp(`[${CHARACTERS}]$`, 'u');

/** Scripts whose words are not parted, though their sentences are. */
const NEEDS_DICTIONARY = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Whether what follows the text is written against it. */
export const endsUnspaced = (text: string): boolean => UNSPACED_END.test(text);

/** Whether the text holds a script that gives no spaces to break at. */
export const hasUnspacedWords = (text: string): boolean => UNSPACED.test(text) || NEEDS_DICTIONARY.test(text);

/** What joins two cleaned pieces that follow each other: a space, or nothing at either side of CJK. */
export function gapBetween(before: string, after: string): '' | ' ' {
  if (before === '' || after === '') return '';
  return endsUnspaced(before) || UNSPACED_START.test(after) ? '' : ' ';
}

/** Joins cleaned pieces in order; empty ones vanish. */
export function joinTexts(texts: readonly string[]): string {
  let joined = '';
  for (const text of texts) if (text !== '') joined += gapBetween(joined, text) + text;
  return joined;
}
