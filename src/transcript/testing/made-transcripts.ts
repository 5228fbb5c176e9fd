/** Transcripts for tests: spoken from plain text at a steady pace, or anything at all. */
import * as fc from 'fast-check';
import { millis, type Transcript, type TranscriptSegment, type Word } from '../../core/index.ts';

const SHAPE = {
  language: 'en',
  tokens: [],
  avgLogprob: -0.3,
  noSpeechProbability: 0.01,
  compressionRatio: 1.2,
  temperature: 0,
} as const;

/** A segment with no words. */
export const segment = (text: string, start: number, end: number): TranscriptSegment => ({
  ...SHAPE,
  text,
  start: millis(start),
  end: millis(end),
});

/** Words of `text` as a segment that starts at `start`, each 300 ms long; ` | ` is a pause of 2 s. */
export function spoken(text: string, start = 0): TranscriptSegment {
  const words: Word[] = [];
  let at = start;
  for (const word of text.split(' ')) {
    if (word === '|') at += 2000;
    else {
      words.push({
        text: word,
        start: millis(at),
        end: millis(at + 300),
        probability: 0.9,
        tokens: [100 + words.length],
      });
      at += 300;
    }
  }
  return { ...segment(words.map((word) => word.text).join(' '), start, at), words };
}

export const transcript = (segments: readonly TranscriptSegment[], language = 'en'): Transcript => ({
  text: segments.map((each) => each.text).join(' '),
  language,
  task: 'transcribe',
  duration: millis(segments.at(-1)?.end ?? 0),
  segments,
});

/** What decoders have come up with: times that are negative, inverted, not numbers; texts with anything in them. */
export const wildText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        'word',
        'the',
        'a',
        'and,',
        'end.',
        '-->',
        '\n\n',
        '\r\n',
        '\0',
        '<b>',
        '&',
        '東京',
        '👩‍👩‍👧',
        '\t',
        'é',
        ' ',
      ),
      {
        maxLength: 30,
      },
    )
    .map((parts) => parts.join(' ')),
);

const wildTime = fc.oneof(
  fc.double({ min: 0, max: 300_000_000, noNaN: true }),
  fc.constantFrom(NaN, -1, Infinity, -Infinity, 59_999.6, 3_599_999.5, 0),
);

const wildWord = fc
  .record({
    text: wildText,
    start: wildTime,
    end: wildTime,
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
    tokens: fc.array(fc.nat(50_000), { maxLength: 3 }),
  })
  .map((word): Word => ({ ...word, start: millis(word.start), end: millis(word.end) }));

export const wildTranscript: fc.Arbitrary<Transcript> = fc
  .array(
    fc.record({
      text: wildText,
      start: wildTime,
      end: wildTime,
      words: fc.option(fc.array(wildWord, { maxLength: 8 })),
    }),
    {
      maxLength: 8,
    },
  )
  .map((parts) =>
    transcript(
      parts.map(({ text, start, end, words }) => ({
        ...segment(text, start, end),
        ...(words === null ? {} : { words }),
      })),
    ),
  );

/** Speech as it is: words in order that do not overlap, with pauses now and then. */
export const talk: fc.Arbitrary<Transcript> = fc
  .array(
    fc.record({
      text: fc.constantFrom(
        'we',
        'the',
        'a',
        'of',
        'measured,',
        'it',
        'and',
        'twice.',
        'extraordinarily',
        'Really?',
        'naïve',
        '“so”',
      ),
      pause: fc.constantFrom(0, 0, 0, 40, 300, 2500),
      length: fc.integer({ min: 20, max: 900 }),
    }),
    { minLength: 1, maxLength: 80 },
  )
  .map((parts) => {
    let at = 0;
    const words = parts.map(({ text, pause, length }, i): Word => {
      const start = at + pause;
      at = start + length;
      return { text, start: millis(start), end: millis(at), probability: 0.9, tokens: [i, 1000 + i] };
    });
    return transcript([{ ...segment(words.map((word) => word.text).join(' '), 0, at), words }]);
  });
