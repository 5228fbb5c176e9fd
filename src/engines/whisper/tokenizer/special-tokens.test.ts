import { describe, expect, test } from 'vitest';
import { LANGUAGES, languageCode } from './languages.ts';
import { specialTokensByName, specialTokensBySize } from './special-tokens.ts';

describe('special tokens by vocabulary size', () => {
  test('stand where OpenAI has them in English-only models', () => {
    expect(specialTokensBySize(51_864)).toEqual({
      endOfText: 50_256,
      startOfTranscript: 50_257,
      translate: 50_357,
      transcribe: 50_358,
      startOfLm: 50_359,
      startOfPrevious: 50_360,
      noSpeech: 50_361,
      noTimestamps: 50_362,
      timestampBegin: 50_363,
      languages: new Map(),
    });
  });

  test('stand where OpenAI has them in multilingual models', () => {
    const special = specialTokensBySize(51_865);
    expect(special).toMatchObject({
      endOfText: 50_257,
      startOfTranscript: 50_258,
      translate: 50_358,
      transcribe: 50_359,
      startOfPrevious: 50_361,
      noSpeech: 50_362,
      noTimestamps: 50_363,
      timestampBegin: 50_364,
    });
    expect([special.languages.size, special.languages.get('en'), special.languages.get('su')]).toEqual([
      99, 50_259, 50_357,
    ]);
  });

  test('make room for Cantonese in large-v3', () => {
    const special = specialTokensBySize(51_866);
    expect(special).toMatchObject({
      translate: 50_359,
      transcribe: 50_360,
      noTimestamps: 50_364,
      timestampBegin: 50_365,
    });
    expect(special.languages.get('yue')).toBe(50_358);
  });

  test.each([0, 1608, 51_867, 1e9])('are refused for %i tokens', (vocabulary) => {
    expect(() => specialTokensBySize(vocabulary)).toThrow('make no Whisper vocabulary');
  });
});

test('special tokens by name win over counting, and all must be there', () => {
  const names = ['endoftext', 'startoftranscript', 'en', 'de', 'translate', 'transcribe', 'startoflm', 'startofprev'];
  const ids = new Map([...names, 'nocaptions', 'notimestamps'].map((name, index) => [`<|${name}|>`, 300 + index]));
  expect(specialTokensByName(ids, true)).toMatchObject({
    endOfText: 300,
    noSpeech: 308,
    timestampBegin: 310,
    languages: new Map([
      ['en', 302],
      ['de', 303],
    ]),
  });
  expect(specialTokensByName(ids, false)?.languages.size).toBe(0);
  ids.delete('<|startoflm|>');
  expect(specialTokensByName(ids, true)).toBeUndefined();
});

test('a hundred languages, each once, are found by code, name and alias', () => {
  expect(new Set(LANGUAGES.map(({ code }) => code)).size).toBe(100);
  expect(LANGUAGES.every(({ code, name }) => /^[a-z]{2,3}$/.test(code) && /^[A-Z]/.test(name))).toBe(true);
  expect(['DE', 'german', 'Haitian Creole', 'flemish', 'klingon'].map(languageCode)).toEqual([
    'de',
    'de',
    'ht',
    'nl',
    undefined,
  ]);
});
