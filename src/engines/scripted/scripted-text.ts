import type { EngineResult, Millis, Segment, SpeechSpan, Word } from '../../core/index.ts';
import { millis, samples, samplesToMillis, toPcm16 } from '../../core/index.ts';

/** FNV-1a's 32-bit offset basis and prime (draft-eastlake-fnv-17, section 5). */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** One token a word, from a made-up vocabulary of this size. */
const VOCABULARY = 50_000;

/** What the engine says to a segment: `Heard 24000 samples from 16000 with sum 9e107d9d.` */
export function scriptedText(segment: Pick<Segment, 'start' | 'pcm'>): string {
  const sum = checksum(segment.pcm).toString(16).padStart(8, '0');
  return `Heard ${segment.pcm.length} samples from ${segment.start} with sum ${sum}.`;
}

/** The whole result: words spread evenly over the speech of the segment. */
export function scriptedResult(segment: Segment, language: string, withWords: boolean): EngineResult {
  const text = scriptedText(segment);
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

function checksum(pcm: Float32Array): number {
  return fnv(new Uint8Array(toPcm16(pcm).buffer));
}

function fnv(bytes: Uint8Array): number {
  let hash = FNV_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}
