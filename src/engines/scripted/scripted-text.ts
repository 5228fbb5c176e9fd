import type { EngineResult, Millis, Segment, SpeechSpan, Word } from '../../core/index.ts';
import { millis, samples, samplesToMillis, toPcm16 } from '../../core/index.ts';

/** FNV-1a's 32-bit offset basis and prime (draft-eastlake-fnv-17, section 5). */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** One token a word, from a made-up vocabulary of this size. */
const VOCABULARY = 50_000;

/** One word for so many samples: people say two or three a second. */
const WORD_SAMPLES = 6400;

/**
 * What the engine says to a segment: a word for each 400 ms that is made of their samples, and one for the rest. So the text tells which
 * samples were heard, and grows at its end alone when the segment does.
 */
export const scriptedText = (pcm: Float32Array): string => `${wordsOf(pcm).join(' ')}.`;

function wordsOf(pcm: Float32Array): readonly string[] {
  const bytes = new Uint8Array(toPcm16(pcm).buffer);
  const step = WORD_SAMPLES * Int16Array.BYTES_PER_ELEMENT;
  const count = Math.max(1, Math.ceil(bytes.length / step));
  return Array.from({ length: count }, (_, i) => spelled(fnv(bytes.subarray(i * step, (i + 1) * step))));
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

/** The whole result: words spread evenly over the speech of the segment. */
export function scriptedResult(segment: Segment, language: string, withWords: boolean): EngineResult {
  const text = scriptedText(segment.pcm);
  const { start, end } = bounds(segment);
  const texts = text.split(' ');
  const step = (end - start) / texts.length;
  const words = texts.map((word, i): Word => ({
    text: word,
    start: millis(start + i * step),
    end: millis(start + (i + 1) * step),
    probability: 1,
    tokens: [fnv(Buffer.from(word)) % VOCABULARY],
  }));
  const tokens = words.flatMap((word) => word.tokens);
  return {
    text,
    language,
    languageProbability: 1,
    tokens,
    spans: [{ text, start, end, tokens }],
    ...(withWords ? { words } : {}),
    avgLogprob: 0,
    noSpeechProbability: 0,
    compressionRatio: 1,
    temperature: 0,
    retries: [],
  };
}

function bounds({ pcm, speech }: Segment): { readonly start: Millis; readonly end: Millis } {
  const whole: SpeechSpan = { start: samples(0), end: samples(pcm.length) };
  const [first = whole, last = first] = [speech[0], speech.at(-1)];
  return { start: samplesToMillis(first.start), end: samplesToMillis(last.end) };
}

function fnv(bytes: Uint8Array): number {
  let hash = FNV_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}
