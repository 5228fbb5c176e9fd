import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis } from '../core/index.ts';
import { locateWords, textOf } from './locate-words.ts';
import { splice, type SpelledWords } from './splice.ts';

/** Words of 250 ms, 300 ms apart. */
const said = (text: string, from = 0): SpelledWords => ({
  text,
  words: text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, i) => ({
      text: word,
      start: millis(from + i * 300),
      end: millis(from + i * 300 + 250),
      probability: 0.9,
      tokens: [i],
    })),
});

test.each([
  ['One kind of', 'One pound of lobster meat', 'One kind of lobster meat'],
  ['Mr. John had', 'And Mr. John had then leisure', 'Mr. John had then leisure'],
  ['showing how much', 'showing him how much shock', 'showing how much shock'],
  ['come as', 'come to San Francisco', 'come as San Francisco'],
  ['the Acoustic Corpus.', 'The acoustic corpus. I am', 'the Acoustic Corpus. I am'],
  ['all of it', 'all of', 'all of it'],
  ['no no no', 'no no no no yes', 'no no no no yes'],
])('behind "%s" stands the rest of "%s"', (kept, heard, whole) => {
  expect(splice(said(kept), said(heard)).text).toBe(whole);
});

test('where words are of no help, times say what was heard behind', () => {
  expect(splice(said('la la'), said('da da da di')).text).toBe('la la da di');
});

test('what is entered begins where the last word that stays has ended', () => {
  const { words } = splice(said('One kind of', 200), said('One pound of lobster meat'));
  expect(words.slice(2).map(({ start, end }) => [start, end])).toEqual([
    [800, 1050],
    [1050, 1150],
    [1200, 1450],
  ]);
});

test('what is spelled without spaces stays so', () => {
  const kept = { ...said('日本'), text: '日本' };
  const heard = { text: '日木語です', words: [...said('日木 語 です').words] };
  expect(splice(kept, heard).text).toBe('日本語です');
});

test('a word that is written against the one before stays so', () => {
  const heard = { text: 'the Gutenberg, or 42-line Bible', words: said('the Gutenberg, or 42 -line Bible').words };
  expect(splice(said('the Guttenberg or 42'), heard).text).toBe('the Guttenberg or 42-line Bible');
});

test('keeps every word that must stay, and adds only the end of what was heard, as it is spelled', () => {
  const word = fc.constantFrom('a', 'b', 'Be', 'c,', 'c.', 'Ünd', '日本', '—');
  const text = fc.array(word, { maxLength: 8 }).map((words) => said(words.join(' ')));
  fc.assert(
    fc.property(text, text, (kept, heard) => {
      const whole = splice(kept, heard);
      expect(whole.text.startsWith(kept.text)).toBe(true);
      expect(whole.words.slice(0, kept.words.length)).toEqual(kept.words);
      const added = whole.words.slice(kept.words.length).map((one) => one.text);
      expect(added).toEqual(heard.words.map((one) => one.text).slice(heard.words.length - added.length));
      expect(textOf(locateWords(whole))).toBe(whole.text);
    }),
  );
});
