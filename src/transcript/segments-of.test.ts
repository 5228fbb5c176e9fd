import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DecodedSpan, EngineResult, Word } from '../core/index.ts';
import { millis, samples } from '../core/index.ts';
import { segmentsOf } from './segments-of.ts';

const SEGMENT = { start: samples(16_000), pcm: new Float32Array(1), speech: [] };

/** A span of words of 300 ms each; a word's tokens follow it: `Yes.:1,2`. */
function said(text: string, start: number): { readonly span: DecodedSpan; readonly words: readonly Word[] } {
  const words = text.split(' ').map((each, i): Word => {
    const [word = '', ids = ''] = each.split(':');
    const at = start + i * 300;
    return { text: word, start: millis(at), end: millis(at + 300), probability: 1, tokens: ids.split(',').map(Number) };
  });
  const end = start + words.length * 300;
  const tokens = words.flatMap((word) => word.tokens);
  return { span: { text: words.map((word) => word.text).join(' '), start, end, tokens }, words };
}

function resultOf(spans: readonly DecodedSpan[], words: readonly Word[] | undefined): EngineResult {
  return {
    text: spans.map(({ text }) => text).join(' '),
    language: 'en',
    languageProbability: 1,
    tokens: spans.flatMap(({ tokens }) => tokens),
    spans,
    ...(words === undefined ? {} : { words }),
    avgLogprob: 0,
    noSpeechProbability: 0,
    compressionRatio: 1,
    temperature: 0,
    retries: [],
  };
}

test('each sentence has the tokens of its own words, and times of the recording', () => {
  const { span, words } = said('Yes.:1,2 Not:3 now.:4,5', 100);
  const pieces = segmentsOf(SEGMENT, resultOf([span], words));
  expect(pieces.map(({ text, start, end, tokens }) => ({ text, start, end, tokens }))).toEqual([
    { text: 'Yes.', start: 1100, end: 1400, tokens: [1, 2] },
    { text: 'Not now.', start: 1400, end: 2000, tokens: [3, 4, 5] },
  ]);
});

test('a word belongs to the span that has its tokens, whatever its time', () => {
  const [first, second] = [said('One:1 two:2', 0), said('three:3 four:4', 2000)];
  const late = [...first.words, ...second.words].map((word) => ({ ...word, start: millis(1500), end: millis(1500) }));
  const pieces = segmentsOf(SEGMENT, resultOf([first.span, second.span], late));
  expect(pieces.map((piece) => piece.words?.map(({ text }) => text))).toEqual([
    ['One', 'two'],
    ['three', 'four'],
  ]);
});

test('a span keeps its tokens and text when its words have no times', () => {
  const { span } = said('Yes.:1,2 Not:3 now.:4,5', 0);
  for (const words of [undefined, []]) {
    expect(segmentsOf(SEGMENT, resultOf([span], words))).toMatchObject([
      { text: 'Yes. Not now.', tokens: [1, 2, 3, 4, 5] },
    ]);
  }
});

test('no token is lost or told twice, however words and spans are cut', () => {
  const word = fc.record({
    text: fc.constantFrom('a', 'b,', 'c.', 'D?', ' ', '.'),
    count: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 0, max: 2500 }),
  });
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 30 }),
      fc.array(fc.nat(60), { maxLength: 4 }),
      (made, cuts) => {
        let time = 0;
        let token = 0;
        const words = made.map(({ text, count, length }): Word => {
          const start = time;
          time += length;
          const tokens = Array.from({ length: count }, () => token++);
          return { text, start: millis(start), end: millis(time), probability: 1, tokens };
        });
        const all = words.flatMap(({ tokens }) => tokens);
        const edges = [...new Set([0, ...cuts.map((cut) => Math.min(cut, all.length)), all.length])].sort(
          (a, b) => a - b,
        );
        const spans = edges.slice(1).map((to, i): DecodedSpan => {
          const tokens = all.slice(edges[i], to);
          return { text: words.map(({ text }) => text).join(' '), start: 0, end: time, tokens };
        });
        const pieces = segmentsOf(SEGMENT, resultOf(spans, words));
        expect(pieces.flatMap(({ tokens }) => tokens)).toEqual(all);
      },
    ),
  );
});
