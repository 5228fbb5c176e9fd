import type { Transcript, TranscriptSegment } from '../../core/index.ts';
import { cleanText } from '../clean-text.ts';
import { columns, cutToColumns } from '../columns.ts';
import { locateWords } from '../locate-words.ts';
import { endsClause, endsSentence } from '../punctuation.ts';
import { endsUnspaced, gapBetween, hasUnspacedWords } from '../spacing.ts';
import { isArticle, isConjunction, isPreposition } from './function-words.ts';

/** What a subtitle is never cut inside of: a word, or a piece of one that is wider than a line. */
export interface Atom {
  readonly text: string;
  /** Stands between this atom and the one before when both are on one line. */
  readonly gap: string;
  readonly columns: number;
  readonly start: number;
  readonly end: number;
  /** What ending a line or cue after this atom costs, in points: 0 at the end of a sentence. */
  readonly breakCost: number;
}

/** Points of ending a line or a cue behind an atom. */
export const BREAK_COST = {
  sentence: 0,
  clause: 4,
  beforeConjunction: 8,
  word: 14,
  preposition: 32,
  article: 60,
  inside: 90,
};

/** No line starts with these (kinsoku shori: closing marks, small kana, the prolonged sound mark). */
const NO_LINE_START = /^[、。，．・：；？！）」』】〕〉》”’…ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ]/u;

interface Piece {
  readonly text: string;
  readonly gap: string;
  readonly start: number;
  readonly end: number;
}

/** The atoms of a transcript in order, none wider than `maxLineWidth`; times as the words have them, or spread by width. */
export function atomsOf(transcript: Transcript, maxLineWidth: number): Atom[] {
  const pieces: Piece[] = [];
  for (const segment of transcript.segments) {
    const words = segment.words === undefined ? [] : locateWords(segment);
    const own = words.length > 0 ? words : spreadWords(segment, transcript.language);
    own.forEach((piece, i) => {
      const gap = i === 0 ? gapBetween(pieces.at(-1)?.text ?? '', piece.text) : piece.gap;
      pieces.push(...fit({ ...piece, gap }, maxLineWidth));
    });
  }
  let now = 0;
  return pieces.map((piece, i) => {
    // A time that is no number would spread to the cost of every cut behind it.
    const start = Number.isFinite(piece.start) ? piece.start : now;
    now = Number.isFinite(piece.end) ? piece.end : start;
    return { ...piece, start, end: now, columns: columns(piece.text), breakCost: breakCost(piece.text, pieces[i + 1]) };
  });
}

/** Words of a segment whose times nobody asked for: its time shared out by width. */
function spreadWords(segment: TranscriptSegment, language: string): Piece[] {
  const text = cleanText(segment.text);
  const parts = text.split(' ').flatMap((chunk) => {
    const [first = '', ...rest] = hasUnspacedWords(chunk)
      ? dictionaryWords(chunk, segment.language || language)
      : [chunk];
    return [{ text: first, gap: ' ' }, ...rest.map((word) => ({ text: word, gap: '' }))];
  });
  return spread(parts, segment.start, segment.end);
}

/** Words of a script without spaces; punctuation stays with the word before. */
function dictionaryWords(text: string, language: string): string[] {
  const words: string[] = [];
  for (const { segment, isWordLike } of new Intl.Segmenter(language, { granularity: 'word' }).segment(text)) {
    if (isWordLike === true || words.length === 0) words.push(segment);
    else words[words.length - 1] += segment;
  }
  return words;
}

function fit(piece: Piece, maxLineWidth: number): Piece[] {
  if (columns(piece.text) <= maxLineWidth) return [piece];
  const parts = piece.text.split(' ').flatMap((chunk) => {
    const [first = '', ...rest] = cutToColumns(chunk, maxLineWidth);
    return [{ text: first, gap: ' ' }, ...rest.map((text) => ({ text, gap: '' }))];
  });
  return spread(
    parts.map((part, i) => (i === 0 ? { ...part, gap: piece.gap } : part)),
    piece.start,
    piece.end,
  );
}

function spread(parts: readonly { text: string; gap: string }[], start: number, end: number): Piece[] {
  const widths = parts.map((part) => Math.max(1, columns(part.text)));
  const total = widths.reduce((sum, width) => sum + width, 0);
  let done = 0;
  return parts.map((part, i) => {
    const from = start + ((end - start) * done) / total;
    done += widths[i] ?? 0;
    return { ...part, start: from, end: start + ((end - start) * done) / total };
  });
}

function breakCost(text: string, next: Piece | undefined): number {
  if (next === undefined) return BREAK_COST.sentence;
  if (next.gap === '') return gluedCost(text, next.text);
  if (endsSentence(text, next.text)) return BREAK_COST.sentence;
  if (endsClause(text)) return BREAK_COST.clause;
  if (isArticle(text)) return BREAK_COST.article;
  if (isPreposition(text)) return BREAK_COST.preposition;
  return isConjunction(next.text) ? BREAK_COST.beforeConjunction : BREAK_COST.word;
}

/** Between atoms with no space: free in CJK but for marks that must not start a line, else inside a word. */
function gluedCost(text: string, next: string): number {
  if (NO_LINE_START.test(next)) return BREAK_COST.inside;
  const touching = endsUnspaced(text) || hasUnspacedWords(next);
  if (!touching) return BREAK_COST.inside;
  if (endsSentence(text, next)) return BREAK_COST.sentence;
  return endsClause(text) ? BREAK_COST.clause : BREAK_COST.word;
}
