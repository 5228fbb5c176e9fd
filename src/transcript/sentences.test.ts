import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis } from '../core/index.ts';
import { cleanText } from './clean-text.ts';
import { SENTENCES, splitSentences } from './sentences.ts';
import { segment, spoken, talk, wildTranscript } from './testing/made-transcripts.ts';

const texts = (text: string): string[] => splitSentences(spoken(text)).map((each) => each.text);

test('cuts at the ends of sentences, not at abbreviations', () => {
  expect(texts('We met Mr. Smith at 5 p.m. today. He left! Why?')).toEqual([
    'We met Mr. Smith at 5 p.m. today.',
    'He left!',
    'Why?',
  ]);
});

test('cuts at a long pause where nothing is punctuated', () => {
  expect(texts('one two three | four five six')).toEqual(['one two three', 'four five six']);
});

test('cuts a sentence that is too long at its comma', () => {
  const half = 'word '.repeat(18).trim();
  expect(texts(`${half}, ${half} end.`)).toEqual([`${half},`, `${half} end.`]);
});

test('a piece takes its times from its words, and the rest from the whole', () => {
  const [first, second] = splitSentences(spoken('Yes. No indeed.', 1000));
  expect(first).toMatchObject({ start: 1000, end: 1300, avgLogprob: -0.3, language: 'en', tokens: [100] });
  expect(second).toMatchObject({ start: 1300, end: 1900 });
});

test('a segment of one sentence comes back as it is, tokens and all', () => {
  const whole = { ...spoken('Just one sentence.'), tokens: [1, 2, 3] };
  expect(splitSentences(whole)).toEqual([whole]);
  const wordless = segment('One. Two.', 0, 1000);
  expect(splitSentences(wordless)).toEqual([wordless]);
});

test('each piece has the tokens of its words, those that spell nothing among them', () => {
  const pieces = splitSentences(spoken('One. Two three.'));
  expect(pieces.map((piece) => piece.tokens)).toEqual([[100], [101, 102]]);
  const words = ['\0', 'One.', ' ', 'Two', 'three.', '\n'].map((text, i) => ({
    text,
    start: millis(i),
    end: millis(i),
    probability: 1,
    tokens: [i],
  }));
  const odd = splitSentences({ ...segment('One. Two three.', 0, 6), words });
  expect(odd.map((piece) => piece.tokens)).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

test('keeps the spacing of the text where words touch', () => {
  const words = ['Jean', '-Luc', 'speaks.', 'Bien.'].map((text, i) => ({
    text,
    start: millis(i * 300),
    end: millis(i * 300 + 300),
    probability: 1,
    tokens: [i],
  }));
  const pieces = splitSentences({ ...segment('Jean-Luc speaks. Bien.', 0, 1200), words });
  expect(pieces.map((piece) => piece.text)).toEqual(['Jean-Luc speaks.', 'Bien.']);
});

test('loses and reorders no word, whatever the times', () => {
  fc.assert(
    fc.property(fc.oneof(talk, wildTranscript), ({ segments }) => {
      for (const each of segments) {
        const kept = splitSentences(each).flatMap((piece) => piece.words ?? []);
        const said = (text: string): boolean => cleanText(text) !== '';
        expect(kept.filter((word) => said(word.text)).map((word) => word.start)).toEqual(
          each.words?.filter((word) => said(word.text)).map((word) => word.start) ?? [],
        );
      }
    }),
  );
});

test('no piece of steady talk is longer than allowed unless it cannot be cut', () => {
  fc.assert(
    fc.property(talk, ({ segments }) => {
      const pieces = segments.flatMap((each) => splitSentences(each)).filter((each) => (each.words?.length ?? 0) > 3);
      expect(pieces.filter((piece) => piece.end - piece.start > SENTENCES.longest)).toEqual([]);
    }),
  );
});
