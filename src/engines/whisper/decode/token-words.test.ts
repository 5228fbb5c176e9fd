import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeVocabulary } from '../testing/made-vocabulary.ts';
import { createTokenizer } from '../tokenizer/byte-level-tokenizer.ts';
import { specialTokensBySize } from '../tokenizer/special-tokens.ts';
import { splitWords } from './token-words.ts';

const VOCABULARY = 2608;
const special = specialTokensBySize(VOCABULARY);
const { tokens: spellings } = makeVocabulary(special.endOfText);
/** Few merges: most characters beyond ASCII are several tokens. */
const tokenizer = createTokenizer({ tokens: spellings, vocabulary: VOCABULARY, special });

const texts = (text: string, language = 'en'): readonly string[] =>
  splitWords(tokenizer.encode(text), tokenizer, language).map((word) => word.text);

describe('splitWords', () => {
  test('cuts at spaces and keeps punctuation with the word that it leans on', () => {
    expect(texts(' and so, my fellow (citizens)!')).toEqual([' and', ' so,', ' my', ' fellow', ' (citizens)!']);
    expect(texts(' "hello" world')).toEqual([' "hello"', ' world']);
  });

  test('takes each character of an unspaced language by itself', () => {
    expect(texts('你好世界。', 'zh')).toEqual(['你', '好', '世', '界。']);
    expect(texts('真っ昼間', 'ja')).toEqual(['真', 'っ', '昼', '間']);
  });

  test('keeps words of other scripts whole', () => {
    expect(texts(' привет мир', 'ru')).toEqual([' привет', ' мир']);
  });

  const text = fc.oneof(
    // A replacement character that truly stands in the text is taken for a broken one, as in OpenAI's code.
    fc.string({ unit: 'grapheme', maxLength: 20 }).map((whole) => whole.replaceAll('\uFFFD', '?')),
    fc
      .array(fc.constantFrom('hello', 'мир', '世界', 'été', '👩‍👩‍👧', ',', '.', '"', '(', ')', '-'), {
        maxLength: 10,
      })
      .map((words) => ` ${words.join(' ')}`),
  );

  test('gives the text and the tokens back when its words are joined, in every language', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('en', 'zh', 'ja', 'ru'), (whole, language) => {
        const tokens = tokenizer.encode(whole);
        const words = splitWords(tokens, tokenizer, language);
        expect(words.map((word) => word.text).join('')).toBe(whole);
        expect(words.flatMap((word) => word.tokens)).toEqual(tokens);
      }),
      { numRuns: 300 },
    );
  });

  test('makes no word of white space alone', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('en', 'zh'), (whole, language) => {
        const words = splitWords(tokenizer.encode(whole), tokenizer, language);
        const blank = words.filter((word) => word.text.trim() === '');
        expect(blank.length).toBe(whole !== '' && whole.trim() === '' ? 1 : 0);
      }),
      { numRuns: 300 },
    );
  });

  test('splits no word inside a character', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('en', 'zh'), (whole, language) => {
        for (const word of splitWords(tokenizer.encode(whole), tokenizer, language)) {
          expect(word.tokens.length).toBeGreaterThan(0);
          expect(Buffer.concat(word.tokens.map((token) => tokenizer.bytes(token))).equals(Buffer.from(word.text))).toBe(
            true,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  test('loses no token of a text that breaks off inside a character', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 20 }), (tokens) => {
        const words = splitWords(tokens, tokenizer, 'en');
        expect(words.flatMap((word) => word.tokens)).toEqual(tokens);
      }),
    );
  });
});
