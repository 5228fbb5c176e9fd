import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanText } from '../clean-text.ts';
import { columns } from '../columns.ts';
import { segment, spoken, talk, transcript, wildTranscript } from '../testing/made-transcripts.ts';
import { SUBTITLE_LIMITS, type Cue } from './cue.ts';
import { isArticle } from './function-words.ts';
import { readableCues, segmentCues } from './subtitle-cues.ts';

const linesOf = (text: string, limits = {}): (readonly string[])[] =>
  readableCues(transcript([spoken(text)]), { ...SUBTITLE_LIMITS, ...limits }).map((cue) => cue.lines);

test('breaks lines behind punctuation', () => {
  expect(linesOf('When it rained for days, we all stayed at home.')).toEqual([
    ['When it rained for days,', 'we all stayed at home.'],
  ]);
});

test('breaks lines before a conjunction', () => {
  expect(linesOf('We measured everything again and nobody found any other fault.')).toEqual([
    ['We measured everything again', 'and nobody found any other fault.'],
  ]);
});

test('leaves no article at the end of a line', () => {
  const lines = linesOf('She carefully described what happened on the mountain after sunset yesterday.').flat();
  for (const line of lines) expect(isArticle(line.split(' ').at(-1) ?? '')).toBe(false);
  expect(lines.length).toBeGreaterThan(1);
});

test('ends a cue with its sentence where both can be read', () => {
  const cues = linesOf('The first sentence has quite a few words in it. The second one is about as long as that.');
  expect(cues.map((lines) => lines.join(' '))).toEqual([
    'The first sentence has quite a few words in it.',
    'The second one is about as long as that.',
  ]);
});

test('keeps no cue over a long silence', () => {
  expect(linesOf('before it | after it')).toEqual([['before it'], ['after it']]);
});

test('a word wider than a line is cut, never inside a character', () => {
  expect(linesOf('Donaudampfschifffahrt', { maxLineWidth: 10 })).toEqual([['Donaudampf', 'schifffahr'], ['t']]);
});

test('Chinese without spaces is broken between words; no line starts with a full stop', () => {
  const text = '今天天气很好我们一起去公园散步吧。明天可能会下雨所以最好带上雨伞。';
  const cues = readableCues(transcript([segment(text, 0, 8000)], 'zh'), { ...SUBTITLE_LIMITS, maxLineWidth: 32 });
  expect(cues.flatMap((cue) => cue.lines).join('')).toBe(text);
  for (const line of cues.flatMap((cue) => cue.lines)) expect(line).not.toMatch(/^[。，]/);
});

test('a short word stays long enough to be read when nothing follows soon', () => {
  const [cue] = readableCues(transcript([spoken('Yes.')]));
  expect((cue?.end ?? 0) - (cue?.start ?? 0)).toBeGreaterThanOrEqual(SUBTITLE_LIMITS.minMs);
});

test('a word that drags on leaves the screen after seven seconds', () => {
  const [word] = spoken('Well').words ?? [];
  const dragged = word === undefined ? [] : [{ ...word, end: segment('', 0, 20_000).end }];
  expect(readableCues(transcript([{ ...segment('Well', 0, 20_000), words: dragged }]))).toEqual([
    { start: 0, end: 7000, lines: ['Well'] },
  ]);
});

/** What a player or an editor would stumble over. */
function faults(cues: readonly Cue[]): string[] {
  return cues.flatMap(({ start, end, lines }, i) => [
    ...(Number.isSafeInteger(start) && Number.isSafeInteger(end) ? [] : ['times are no whole numbers']),
    ...(start >= 0 && end > start ? [] : ['it ends before it starts']),
    ...(end <= (cues[i + 1]?.start ?? Infinity) ? [] : ['it reaches into the next']),
    ...(lines.length > 0 && lines.every((line) => line !== '' && cleanText(line) === line)
      ? []
      : ['a line is not clean']),
  ]);
}

test('whatever the decoder says, cues are whole, in order, apart and never empty', () => {
  fc.assert(
    fc.property(wildTranscript, (wild) => {
      expect(faults(readableCues(wild))).toEqual([]);
      expect(faults(segmentCues(wild))).toEqual([]);
    }),
  );
});

test('no line is wider and no cue taller than asked, whatever is said', () => {
  fc.assert(
    fc.property(
      fc.oneof(talk, wildTranscript),
      fc.integer({ min: 8, max: 50 }),
      fc.integer({ min: 1, max: 3 }),
      (made, width, count) => {
        const limits = { ...SUBTITLE_LIMITS, maxLineWidth: width, maxLineCount: count };
        for (const { lines } of readableCues(made, limits)) {
          expect(lines.length).toBeLessThanOrEqual(count);
          for (const line of lines) expect(columns(line)).toBeLessThanOrEqual(width);
        }
      },
    ),
  );
});

test('every word of the talk is shown once, in order, and not before it is spoken', () => {
  fc.assert(
    fc.property(talk, (made) => {
      const cues = readableCues(made);
      expect(cues.flatMap((cue) => cue.lines).join(' ')).toBe(made.text);
      const words = made.segments.flatMap((each) => each.words ?? []);
      let shown = 0;
      for (const cue of cues) {
        expect(cue.start).toBeGreaterThanOrEqual(Math.round(words[shown]?.start ?? Infinity));
        expect(cue.end - cue.start).toBeLessThanOrEqual(SUBTITLE_LIMITS.maxMs);
        shown += cue.lines.join(' ').split(' ').length;
      }
    }),
  );
});

test('five hours of talk are laid out at once, not line by line over the whole', () => {
  const sentence = spoken('We went to the market, and nobody there had ever seen so much rain in one day.');
  const hours = transcript(Array.from({ length: 2500 }, (_, i) => spoken(sentence.text, i * 7000)));
  const cues = readableCues(hours);
  expect(cues.length).toBeGreaterThanOrEqual(2500);
  expect(cues.length).toBeLessThan(10_000);
});
