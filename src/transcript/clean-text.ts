/** Text as any of the formats may carry it: no control characters, no line breaks, one space between words. */

/**
 * Trims, turns every run of white space and control characters (CR, LF, NUL, NEL and U+2028 among them) into one space,
 * and lone surrogates into U+FFFD.
 */
export function cleanText(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\u{FFFD}')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}
