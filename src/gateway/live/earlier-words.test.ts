import { expect, test } from 'vitest';
import type { Word } from '../../core/index.ts';
import { millis, samples } from '../../core/index.ts';
import { DEFAULT_LIVE_SETTINGS } from './live-settings.ts';
import { earlierWords } from './earlier-words.ts';

const SECOND = 16_000;

/** A word a second, from the tenth second to the twentieth. */
const words = Array.from({ length: 10 }, (_, i): Word => ({
  text: `word${10 + i}`,
  start: millis((10 + i) * 1000),
  end: millis((10 + i) * 1000 + 800),
  probability: 0.9,
  tokens: [i],
}));
const at = (from: number, to: number, recent: readonly Word[] | undefined = words) =>
  earlierWords(recent, { from: samples(from * SECOND), to: samples(to * SECOND) }, DEFAULT_LIVE_SETTINGS);

test('a short utterance is heard with as much before it as makes fifteen seconds', () => {
  const before = at(21, 30);
  expect(before?.from).toBe(15.9 * SECOND);
  expect(before?.words.map(({ text }) => text)).toEqual(['word16', 'word17', 'word18', 'word19']);
  expect(at(21, 22)?.words).toHaveLength(10);
});

test('a long one is heard by itself, and so is one with nothing said shortly before', () => {
  expect(at(21, 36)).toBeUndefined();
  expect(at(22, 23)).toBeUndefined();
  expect(at(0, 1, [])).toBeUndefined();
  expect(earlierWords(undefined, { from: samples(0), to: samples(1) }, DEFAULT_LIVE_SETTINGS)).toBeUndefined();
});

test('sound from before the session is not asked for', () => {
  const [word] = words;
  if (word === undefined) throw new Error('no word');
  expect(at(1, 2, [{ ...word, start: millis(50), end: millis(400) }])?.from).toBe(0);
});
