import { describe, expect, test } from 'vitest';
import type { WhisperModel } from '../model/whisper-model.ts';
import { madeShape } from '../testing/made-model.ts';
import { madeOptions } from '../testing/made-options.ts';
import { makeVocabulary } from '../testing/made-vocabulary.ts';
import { createTokenizer } from '../tokenizer/byte-level-tokenizer.ts';
import { specialTokensBySize } from '../tokenizer/special-tokens.ts';
import { promptTokens } from './prompt.ts';

function model(vocabulary: 'english' | 'multilingual'): WhisperModel {
  const shape = madeShape({ vocabulary });
  const special = specialTokensBySize(shape.vocabulary);
  const { tokens } = makeVocabulary(600);
  return {
    name: 'made',
    digest: '',
    shape,
    multilingual: vocabulary === 'multilingual',
    tokenizer: createTokenizer({ tokens, vocabulary: shape.vocabulary, special }),
    melFilters: new Float32Array(0),
    alignmentHeads: [],
    tensorNames: [],
    tensor: () => Promise.reject(new Error('it has no weights')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const english = model('english');
const multilingual = model('multilingual');
const { special } = multilingual.tokenizer;

describe('promptTokens', () => {
  test('says nothing of language and task to an English-only model', () => {
    for (const language of ['en', 'auto']) {
      expect(promptTokens(english, madeOptions({ language }))).toEqual({
        previous: [],
        language: undefined,
        task: undefined,
      });
    }
  });

  test.each([
    ['another language', { language: 'de' }, /made knows only English, not 'de'/],
    ['translation', { task: 'translate' }, /made knows only English, so it can't translate/],
  ] as const)('refuses %s of an English-only model', (_what, more, message) => {
    const refuse = (): unknown => promptTokens(english, madeOptions(more));
    expect(refuse).toThrow(expect.objectContaining({ code: 'language-unsupported' }));
    expect(refuse).toThrow(message);
  });

  test('tells a multilingual model language and task', () => {
    expect(promptTokens(multilingual, madeOptions({ language: 'de', task: 'translate' }))).toEqual({
      previous: [],
      language: special.languages.get('de'),
      task: special.translate,
    });
    expect(promptTokens(multilingual, madeOptions({ language: 'auto' }))).toEqual({
      previous: [],
      language: 'auto',
      task: special.transcribe,
    });
  });

  test.each(['xx', 'yue', 'EN', ''])('refuses the language %j that a model does not know', (language) => {
    expect(() => promptTokens(multilingual, madeOptions({ language }))).toThrow(
      expect.objectContaining({ code: 'language-unsupported' }),
    );
  });

  test('puts keywords before the earlier text, both behind the token that says so', () => {
    const { previous } = promptTokens(english, madeOptions({ keywords: ['hello', 'world'], prompt: ' and so ' }));
    const { tokenizer } = english;
    expect(previous[0]).toBe(tokenizer.special.startOfPrevious);
    expect(tokenizer.decode(previous)).toBe(' hello, world. and so');
  });

  test('leaves blank earlier text out', () => {
    expect(promptTokens(english, madeOptions({ keywords: [], prompt: ' \n' })).previous).toEqual([]);
  });

  test('keeps the end of a text that is too long for half the context', () => {
    const { previous } = promptTokens(english, madeOptions({ prompt: `${'hello '.repeat(400)}world` }));
    expect(previous.length).toBe(224);
    expect(english.tokenizer.decode(previous)).toMatch(/^ hello.* hello world$/);
  });
});
