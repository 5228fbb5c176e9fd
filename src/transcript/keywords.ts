import type { Millis, Transcript, Word } from '../core/index.ts';
import { joinTexts } from './spacing.ts';

/** An asked word or phrase, found in the transcript. */
export interface KeywordHit {
  /** As it was asked for. */
  readonly keyword: string;
  /** As it stands in the transcript. */
  readonly text: string;
  readonly start: Millis;
  readonly end: Millis;
  /** The lowest of its words' probabilities. */
  readonly probability: number;
}

/** Longer phrases than this many words are never found. */
const MOST_WORDS = 16;

/**
 * Finds keywords in the words of a transcript, in order of time. Case, width, punctuation, spacing and a possessive `'s`
 * do not count ("new york" finds "New York's"); a hit starts and ends with a word, so "art" is not found in "start".
 * Empty unless the transcript has words.
 */
export function findKeywords(transcript: Transcript, keywords: readonly string[]): KeywordHit[] {
  const words = transcript.segments.flatMap((segment) => segment.words ?? []);
  const bare = words.map((word) => normalise(word.text));
  const hits = new Map<string, KeywordHit>();
  for (const keyword of keywords) {
    const target = normalise(keyword);
    if (target === '') continue;
    for (let from = 0; from < words.length; from++) {
      const to = matchEnd(bare, from, target);
      const hit = to === undefined ? undefined : asHit(keyword, words.slice(from, to));
      if (hit !== undefined) hits.set(`${String(from)} ${target}`, hit);
    }
  }
  return [...hits.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

const normalise = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}+#'’]/gu, '')
    .replace(/(?<=\p{L})['’]s$/u, '')
    .replace(/['’]/gu, '');

/** One past the last word of a match of `target` that starts at word `from`. */
function matchEnd(bare: readonly string[], from: number, target: string): number | undefined {
  let reached = 0;
  for (let i = from; i < Math.min(bare.length, from + MOST_WORDS); i++) {
    const word = bare[i] ?? '';
    if ((i === from && word === '') || !target.startsWith(word, reached)) return undefined;
    reached += word.length;
    if (reached === target.length) return i + 1;
  }
  return undefined;
}

function asHit(keyword: string, words: readonly Word[]): KeywordHit | undefined {
  const [first, last] = [words[0], words.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const text = joinTexts(words.map((word) => word.text));
  const probability = Math.min(...words.map((word) => word.probability));
  return { keyword, text, start: first.start, end: last.end, probability };
}
