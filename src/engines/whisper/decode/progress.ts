/** Encoding's part of the work on a segment: 47 % with `tiny.en` and a beam of five (`transcribe --verbose`), less with others. */
const ENCODED = 0.45;
/** What is done when the text is: word times and a second look are to come. */
const DECODED = 0.95;
/** Tokens for a second of speech: most people say three, few more than four. */
const TOKENS_A_SECOND = 4;

/**
 * How far the work on an encoded window is, by the text that is decoded of what so much speech usually gives.
 * @returns in [0.45, 0.95].
 */
export const decodedShare = (tokens: number, speechSeconds: number): number =>
  ENCODED + (DECODED - ENCODED) * Math.min(1, tokens / Math.max(1, speechSeconds * TOKENS_A_SECOND));
