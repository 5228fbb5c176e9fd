import { deflateSync } from 'node:zlib';

/** Longest phrase, in tokens, whose repetition is looked for. */
const MAX_PERIOD = 24;
/** A phrase of three tokens or more said this often in a row is a loop … */
const PHRASE_REPEATS = 3;
/** … and so is a shorter one: people do say "no, no, no". */
const WORD_REPEATS = 5;
const PHRASE_PERIOD = 3;

/** The period of the loop that `tokens` ends in; 0 when it ends in none. */
export function loopPeriod(tokens: readonly number[]): number {
  for (let period = 1; period <= MAX_PERIOD; period++) {
    const repeats = period >= PHRASE_PERIOD ? PHRASE_REPEATS : WORD_REPEATS;
    if (tokens.length < period * repeats) continue;
    let same = true;
    for (let i = 0; same && i < period * (repeats - 1); i++) {
      const at = tokens.length - 1 - i;
      same = tokens[at] === tokens[at - period];
    }
    if (same) return period;
  }
  return 0;
}

/** A phrase of so many tokens is seldom said twice in a row by anybody but a decoder. */
const ECHO_PERIOD = 5;

/** Whether a long phrase is said twice in a row anywhere: a reason to look again, not a proof. */
export function hasEcho(tokens: readonly number[]): boolean {
  for (let period = ECHO_PERIOD; period * 2 <= tokens.length; period++) {
    let same = 0;
    for (let at = period; at < tokens.length; at++) {
      same = tokens[at] === tokens[at - period] ? same + 1 : 0;
      if (same === period) return true;
    }
  }
  return false;
}

const MARKS = /[\p{P}\p{S}]/gu;

/**
 * Whether a text is one phrase, said twice or more: what decoders make of a word or two with silence behind them. Also a reason to look
 * again, no proof: people do say "no, no".
 */
export function isRefrain(text: string): boolean {
  const words = text
    .toLowerCase()
    .replaceAll(MARKS, ' ')
    .split(' ')
    .filter((word) => word !== '');
  for (let period = 1; period * 2 <= words.length; period++) {
    if (words.length % period === 0 && words.every((word, i) => word === words[i % period])) return true;
  }
  return false;
}

/** The tokens with all but the first turn of a loop at their end left out. */
export function cutLoop(tokens: readonly number[]): readonly number[] {
  const period = loopPeriod(tokens);
  if (period === 0) return tokens;
  let end = tokens.length;
  while (end > period && tokens[end - 1] === tokens[end - 1 - period]) end--;
  return tokens.slice(0, end);
}

/** Bytes of a text over bytes of its deflated form (`whisper/utils.py: compression_ratio`). */
export function compressionRatio(text: string): number {
  const bytes = new TextEncoder().encode(text);
  return bytes.length === 0 ? 0 : bytes.length / deflateSync(bytes).length;
}

/** Fewer bytes of text than this for each second of speech mean that the decoder stopped early. */
const MIN_BYTES_A_SECOND = 4;
/** Speech shorter than this, in seconds, may well be one short word. */
const MIN_COVERED_SECONDS = 2;

/** Whether a text is too short for the speech that was found. */
export function endsEarly(text: string, speechSeconds: number): boolean {
  if (speechSeconds < MIN_COVERED_SECONDS) return false;
  return Buffer.byteLength(text.trim(), 'utf8') < speechSeconds * MIN_BYTES_A_SECOND;
}

/** Nobody speaks faster: tokens for so many seconds of audio. */
export const tokenLimit = (seconds: number): number => Math.ceil(20 + 12 * seconds);
