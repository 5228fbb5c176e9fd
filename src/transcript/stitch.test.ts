import { expect, test } from 'vitest';
import { millis } from '../core/index.ts';
import { stitch } from './stitch.ts';
import { segment } from './testing/made-transcripts.ts';

const options = { language: 'auto', task: 'transcribe', duration: millis(9000) } as const;

test('puts segments in order of time, whatever order they came in, and drops empty ones', () => {
  const made = stitch([segment(' Two.', 3000, 4000), segment(' ', 2000, 2500), segment(' One.\n', 0, 1000)], options);
  expect(made.text).toBe('One. Two.');
  expect(made.segments.map((each) => each.text)).toEqual(['One.', 'Two.']);
});

test('the language is the one heard longest; English when nobody spoke; the asked one when there is one', () => {
  const heard = [
    { ...segment('hallo', 0, 1000), language: 'de' },
    { ...segment('hello there', 1000, 4000), language: 'en' },
    { ...segment('und tschüss', 4000, 8000), language: 'de' },
  ];
  expect(stitch(heard, options).language).toBe('de');
  expect(stitch([], options)).toMatchObject({ language: 'en', text: '', duration: 9000 });
  expect(stitch(heard, { ...options, language: 'fr' }).language).toBe('fr');
});

test('carries the channel where there is one', () => {
  expect(stitch([], { ...options, channel: 1 }).channel).toBe(1);
  expect('channel' in stitch([], options)).toBe(false);
});
