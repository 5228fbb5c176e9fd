import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { findKeywords } from './keywords.ts';
import { spoken, talk, transcript } from './testing/made-transcripts.ts';

const said = transcript([spoken('The start of art in New York’s'), spoken('harbour. Art, again: C++!', 9000)]);
const found = (...keywords: string[]): string[] => findKeywords(said, keywords).map((hit) => hit.text);

test('finds words in any case and with any punctuation, in order of time, with times and probability', () => {
  const hits = findKeywords(said, ['ART']);
  expect(hits.map((hit) => [hit.text, hit.start, hit.end, hit.probability])).toEqual([
    ['art', 900, 1200, 0.9],
    ['Art,', 9300, 9600, 0.9],
  ]);
});

test('finds phrases over words and segments, a possessive s or not', () => {
  expect(found('new york')).toEqual(['New York’s']);
  expect(found('york harbour')).toEqual(['York’s harbour.']);
  expect(found('newyork')).toEqual(['New York’s']);
});

test('finds nothing inside other words, and nothing for an empty keyword', () => {
  expect(found('tar', 'har', '', '!')).toEqual([]);
});

test('tells C++ from C', () => {
  expect(found('c++')).toEqual(['C++!']);
  expect(found('c')).toEqual([]);
});

test('finds Chinese words over its characters', () => {
  const chinese = transcript([spoken('我 在 东 京 塔')], 'zh');
  expect(findKeywords(chinese, ['东京']).map((hit) => hit.text)).toEqual(['东京']);
});

test('each word of the talk is found where it is said', () => {
  fc.assert(
    fc.property(talk, fc.nat(), (made, pick) => {
      const words = made.segments.flatMap((each) => each.words ?? []);
      const word = words[pick % words.length];
      const hits = findKeywords(made, [word?.text ?? '']);
      expect(hits.map((hit) => hit.start)).toContain(word?.start);
    }),
  );
});
