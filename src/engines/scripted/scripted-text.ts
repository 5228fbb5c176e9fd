import type { DecodeOptions, EngineResult, Segment, Word } from '../../core/index.ts';
import { millis, samples, samplesToMillis, toPcm16 } from '../../core/index.ts';

/** FNV-1a's 32-bit offset basis and prime (draft-eastlake-fnv-17, section 5). */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** One token a word, from a made-up vocabulary of this size. */
const VOCABULARY = 50_000;

/** One word for so many samples: people say two or three a second. */
const WORD_SAMPLES = 6400;

interface Piece {
  readonly text: string;
  /** In samples from the first. */
  readonly start: number;
  readonly end: number;
}

/**
 * What the engine says to a segment: a word for each 400 ms of its session that is made of their samples, and one for what there is of the
 * first and the last. So the text tells which samples were heard, and is the same wherever a segment begins, but for its first word.
 *
 * @param start of the segment in its session, in samples.
 */
export const scriptedText = (pcm: Float32Array, start = 0): string => textOf(piecesOf(pcm, start));

const textOf = (pieces: readonly Piece[]): string => `${pieces.map(({ text }) => text).join(' ')}.`;

function piecesOf(pcm: Float32Array, from: number): readonly Piece[] {
  const bytes = new Uint8Array(toPcm16(pcm).buffer);
  const pieces: Piece[] = [];
  for (let start = 0; start < pcm.length || pieces.length === 0;) {
    const end = Math.min(pcm.length, start + WORD_SAMPLES - ((from + start) % WORD_SAMPLES));
    const heard = bytes.subarray(start * Int16Array.BYTES_PER_ELEMENT, end * Int16Array.BYTES_PER_ELEMENT);
    pieces.push({ text: spelled(fnv(heard)), start, end });
    start = Math.max(end, start + 1);
  }
  return pieces;
}

/** Seven letters: 32 bits to the base of 26. */
function spelled(hash: number): string {
  let word = '';
  for (let left = hash, i = 0; i < WORD_LETTERS; i++, left = Math.floor(left / LETTERS.length)) {
    word += LETTERS[left % LETTERS.length] ?? '';
  }
  return word;
}
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const WORD_LETTERS = 7;

/** The whole result. It begins with the prefix, where one of the first words does: what is before it was cut off. */
export function scriptedResult(
  { pcm, start }: Segment,
  language: string,
  { words: withWords, prefix = [] }: Pick<DecodeOptions, 'words' | 'prefix'>,
): EngineResult {
  const all = piecesOf(pcm, start);
  const first = all.findIndex((piece) => tokenOf(piece.text) === prefix[0]);
  const pieces = all.slice(Math.max(0, first));
  const text = textOf(pieces);
  const words = pieces.map((piece, i): Word => ({
    text: i === pieces.length - 1 ? `${piece.text}.` : piece.text,
    start: samplesToMillis(samples(piece.start)),
    end: samplesToMillis(samples(piece.end)),
    probability: 1,
    tokens: [tokenOf(piece.text)],
  }));
  const tokens = words.flatMap((word) => word.tokens);
  const span = { text, start: words[0]?.start ?? millis(0), end: words.at(-1)?.end ?? millis(0), tokens };
  return {
    text,
    language,
    languageProbability: 1,
    tokens,
    spans: [span],
    ...(withWords ? { words } : {}),
    avgLogprob: 0,
    noSpeechProbability: 0,
    compressionRatio: 1,
    temperature: 0,
    retries: [],
  };
}

const tokenOf = (word: string): number => fnv(Buffer.from(word)) % VOCABULARY;

function fnv(bytes: Uint8Array): number {
  let hash = FNV_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}
