import { millis, type Millis, type TranscriptSegment, type Word } from '../core/index.ts';
import { locateWords, textOf, type PlacedWord } from './locate-words.ts';
import { endsClause, endsSentence } from './punctuation.ts';

export interface SentenceOptions {
  /** A pause from which on a new piece starts, whatever the punctuation. */
  readonly pause: Millis;
  /** A piece longer than this is cut at its best clause end or pause. */
  readonly longest: Millis;
}

/** 1.5 s: longer than a speaker looks for a word. 10 s: two subtitles of two lines. */
export const SENTENCES: SentenceOptions = { pause: millis(1500), longest: millis(10_000) };

/** No cut leaves less than this on either side, in words. */
const FEWEST_WORDS = 2;

/**
 * Cuts a segment (up to 30 s of speech) into sentences at sentence punctuation and long pauses, and long sentences at
 * commas and shorter pauses. Text, order, tokens and word times are kept; a segment without words comes back as it is.
 */
export function splitSentences(segment: TranscriptSegment, options: SentenceOptions = SENTENCES): TranscriptSegment[] {
  const words = locateWords(segment);
  if (words.length === 0) return [segment];
  const pieces = atSentenceEnds(words, options).flatMap((piece) => shorten(piece, options));
  // Its bounds may be wider than its words, by silence that nobody needs to look at.
  if (pieces.length === 1 && segment.end - segment.start <= options.longest) return [segment];
  return pieces.map((piece) => asSegment(segment, piece));
}

function atSentenceEnds(words: readonly PlacedWord[], options: SentenceOptions): PlacedWord[][] {
  const pieces: PlacedWord[][] = [];
  let piece: PlacedWord[] = [];
  words.forEach((word, i) => {
    piece.push(word);
    const next = words[i + 1];
    if (next === undefined || next.start - word.end >= options.pause || isSentenceEnd(word, next)) {
      pieces.push(piece);
      piece = [];
    }
  });
  return pieces;
}

/** A full stop with nothing between it and the next word ends no sentence: "3." "5". */
const isSentenceEnd = (word: PlacedWord, next: PlacedWord): boolean =>
  endsSentence(word.text, next.text) && (next.gap !== '' || !word.text.endsWith('.'));

/** Cuts a piece in two until none is longer than allowed, or nothing is left to cut. */
function shorten(piece: readonly PlacedWord[], options: SentenceOptions): (readonly PlacedWord[])[] {
  const [from, to] = [piece[0], piece.at(-1)];
  if (from === undefined || to === undefined || to.end - from.start <= options.longest) return [piece];
  let best = 0;
  let bestScore = -Infinity;
  for (let cut = FEWEST_WORDS; cut <= piece.length - FEWEST_WORDS; cut++) {
    const score = cutScore(piece, cut, to.end - from.start);
    if (score > bestScore) [best, bestScore] = [cut, score];
  }
  if (best === 0) return [piece];
  return [...shorten(piece.slice(0, best), options), ...shorten(piece.slice(best), options)];
}

/** How good it is to cut before word `cut`: a comma counts as much as 0.6 s of pause; the middle is better than the edges. */
function cutScore(piece: readonly PlacedWord[], cut: number, duration: number): number {
  const [before, after, from] = [piece[cut - 1], piece[cut], piece[0]];
  if (before === undefined || after === undefined || from === undefined) return -Infinity;
  const offCentre = Math.abs((after.start - from.start) / duration - 0.5);
  return (endsClause(before.text) ? 600 : 0) + (after.start - before.end) - offCentre * 800;
}

function asSegment(whole: TranscriptSegment, placed: readonly PlacedWord[]): TranscriptSegment {
  const words = placed.map(({ gap: _gap, ...word }): Word => word);
  const start = words[0]?.start ?? whole.start;
  const end = words.at(-1)?.end ?? whole.end;
  return { ...whole, text: textOf(placed), start, end, tokens: words.flatMap(({ tokens }) => tokens), words };
}
