import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { openWhisperModel } from '../model/open-model.ts';
import { makeVocabulary } from '../testing/made-vocabulary.ts';
import { createTokenizer } from './byte-level-tokenizer.ts';
import { specialTokensBySize } from './special-tokens.ts';
import type { Tokenizer } from './tokenizer.ts';

const BUILT_IN = fileURLToPath(new URL('../../../../models/ggml-tiny.en-q8_0.bin', import.meta.url));

/** `suppress_tokens` of openai/whisper-tiny.en's generation_config.json, but for the special tokens at its end. */
const PUBLISHED_NON_SPEECH = [
  1, 2, 7, 8, 9, 10, 14, 25, 26, 27, 28, 29, 31, 58, 59, 60, 61, 62, 63, 90, 91, 92, 93, 357, 366, 438, 532, 685, 705,
  796, 930, 1058, 1220, 1267, 1279, 1303, 1343, 1377, 1391, 1635, 1782, 1875, 2162, 2361, 2488, 3467, 4008, 4211, 4600,
  4808, 5299, 5855, 6329, 7203, 9609, 9959, 10563, 10786, 11420, 11709, 11907, 13163, 13697, 13700, 14808, 15306, 16410,
  16791, 17992, 19203, 19510, 20724, 22305, 22935, 27007, 30109, 30420, 33409, 34949, 40283, 40493, 40549, 47282, 49146,
];

describe('the tokenizer of the built-in model', () => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    const model = await openWhisperModel(BUILT_IN);
    tokenizer = model.tokenizer;
    await model[Symbol.asyncDispose]();
  });

  test.each([
    [' Hello world', [18435, 995]],
    ['Hello world', [15496, 995]],
    [" it's John's, they'll say", [340, 338, 1757, 338, 11, 484, 1183, 910]],
    [' ask not what your country can do for you', [1265, 407, 644, 534, 1499, 460, 466, 329, 345]],
    ['a  b   c\n\nd ', [64, 220, 275, 220, 220, 269, 198, 198, 67, 220]],
    [' 北京', [10263, 234, 245, 12859, 105]],
    ['', []],
  ])('gives %j the ids of the published tokenizer', (text, ids) => {
    expect(tokenizer.encode(text)).toEqual(ids);
  });

  test('gives the published list of non-speech tokens', () => {
    expect(tokenizer.nonSpeechTokens()).toEqual(PUBLISHED_NON_SPEECH);
  });

  test('encodes the text of any one token to that token, so no rank is out of order', () => {
    const differing = Array.from({ length: tokenizer.special.endOfText }, (_, id) => id).filter((id) => {
      const text = tokenizer.decode([id]);
      return !text.includes('\ufffd') && tokenizer.encode(text).join() !== String(id);
    });
    expect(differing).toEqual([]);
  });

  test('gives back every text it encodes', () => {
    const character = fc.oneof(
      fc.integer({ min: 0, max: 0x24f }),
      fc.integer({ min: 0x2000, max: 0xd7ff }),
      fc.integer({ min: 0xe000, max: 0x10ffff }),
    );
    const anyText = fc.array(character, { maxLength: 60 }).map((codes) => String.fromCodePoint(...codes));
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });

  test('leaves special tokens out of the text and writes them as text when they are text', () => {
    const { special } = tokenizer;
    expect(tokenizer.decode([special.startOfTranscript, 18435, special.timestampBegin + 3, 995, 99_999])).toBe(
      ' Hello world',
    );
    expect(tokenizer.bytes(special.endOfText)).toHaveLength(0);
    expect(Math.max(...tokenizer.encode('<|endoftext|>'))).toBeLessThan(special.endOfText);
  });

  test('replaces bytes that are no UTF-8', () => {
    const [first = 0] = tokenizer.encode('北');
    expect(tokenizer.decode([first])).toContain('\ufffd');
  });

  test('takes time in proportion to a text without a break', () => {
    const ids = tokenizer.encode('ab'.repeat(20_000));
    expect(tokenizer.decode(ids)).toBe('ab'.repeat(20_000));
  });
});

test('merges by the given ranks where they differ from the ids', () => {
  const { tokens } = makeVocabulary(600);
  const spelled = (text: string): Uint8Array => new TextEncoder().encode(text);
  const custom = [...tokens.slice(0, 256), spelled('bc'), spelled('ab')];
  const special = { ...specialTokensBySize(51_864), endOfText: custom.length };
  const byId = createTokenizer({ tokens: custom, vocabulary: 51_864, special });
  const byRank = createTokenizer({
    tokens: custom,
    vocabulary: 51_864,
    special,
    mergeRanks: new Map([
      [257, 0],
      [256, 1],
    ]),
  });
  expect(byId.encode('abc')).toEqual([97, 256]);
  expect(byRank.encode('abc')).toEqual([257, 99]);
});

test('refuses a vocabulary in which a byte is missing', () => {
  const { tokens } = makeVocabulary(600);
  const special = { ...specialTokensBySize(51_864), endOfText: 600 };
  const source = { tokens: tokens.toSpliced(65, 1, new Uint8Array(0)), vocabulary: 51_864, special };
  expect(() => createTokenizer(source)).toThrow('no token for the byte 65');
});
