/** Where Whisper's steering tokens stand: behind the ordinary ones, in one order for every published model. */
import { ScriptoriumError } from '../../../core/index.ts';
import { LANGUAGES } from './languages.ts';
import type { SpecialTokens } from './tokenizer.ts';

/** Vocabularies of this size and above are multilingual (OpenAI's `Whisper.is_multilingual`). */
export const MULTILINGUAL_VOCABULARY = 51_865;
/** Time stamps from 0.00 to 30.00 s in steps of 20 ms. */
export const TIMESTAMP_COUNT = 1501;
/** Language tokens of every model before large-v3, English-only ones included, where they mean nothing. */
const CLASSIC_LANGUAGES = 99;
/** End of text and start of transcript, before the languages. */
const BEFORE_LANGUAGES = 2;
/** Translate, transcribe, start of LM, start of previous, no speech, no timestamps: after the languages. */
const AFTER_LANGUAGES = 6;

/**
 * The ids for a vocabulary of this size, special tokens and time stamps included: 51,864 English-only, 51,865
 * multilingual, 51,866 with Cantonese (OpenAI's `whisper/tokenizer.py`, `get_encoding`). Smaller ones, as in
 * tests, count as English-only with as many ordinary tokens as are left.
 *
 * @throws ScriptoriumError `model-invalid` for a size that leaves no ordinary token or needs unknown languages.
 */
export function specialTokensBySize(vocabulary: number): SpecialTokens {
  const multilingual = vocabulary >= MULTILINGUAL_VOCABULARY;
  const languages = CLASSIC_LANGUAGES + (multilingual ? vocabulary - MULTILINGUAL_VOCABULARY : 0);
  const endOfText = vocabulary - TIMESTAMP_COUNT - AFTER_LANGUAGES - languages - BEFORE_LANGUAGES;
  if (endOfText < 1 || languages > LANGUAGES.length) {
    throw new ScriptoriumError('model-invalid', `${vocabulary} tokens make no Whisper vocabulary`);
  }
  const first = endOfText + BEFORE_LANGUAGES;
  const after = first + languages;
  return {
    endOfText,
    startOfTranscript: endOfText + 1,
    translate: after,
    transcribe: after + 1,
    startOfLm: after + 2,
    startOfPrevious: after + 3,
    noSpeech: after + 4,
    noTimestamps: after + 5,
    timestampBegin: after + AFTER_LANGUAGES,
    languages: new Map(
      multilingual ? LANGUAGES.slice(0, languages).map(({ code }, index) => [code, first + index]) : [],
    ),
  };
}

/**
 * The ids as a Hugging Face tokenizer names them (`<|startoftranscript|>`, `<|en|>`, …); undefined when it does not
 * name them all. Fine-tuned models may have padded or grown vocabularies, in which counting goes wrong.
 */
export function specialTokensByName(
  ids: ReadonlyMap<string, number>,
  multilingual: boolean,
): SpecialTokens | undefined {
  const id = (name: string): number | undefined => ids.get(`<|${name}|>`);
  const endOfText = id('endoftext');
  const startOfTranscript = id('startoftranscript');
  const translate = id('translate');
  const transcribe = id('transcribe');
  const startOfLm = id('startoflm');
  const startOfPrevious = id('startofprev');
  const noSpeech = id('nospeech') ?? id('nocaptions');
  const noTimestamps = id('notimestamps');
  if (
    endOfText === undefined ||
    startOfTranscript === undefined ||
    translate === undefined ||
    transcribe === undefined ||
    startOfLm === undefined ||
    startOfPrevious === undefined ||
    noSpeech === undefined ||
    noTimestamps === undefined
  ) {
    return undefined;
  }
  const languages = multilingual
    ? LANGUAGES.flatMap(({ code }): [string, number][] => {
        const at = id(code);
        return at === undefined ? [] : [[code, at]];
      })
    : [];
  return {
    endOfText,
    startOfTranscript,
    translate,
    transcribe,
    startOfLm,
    startOfPrevious,
    noSpeech,
    noTimestamps,
    timestampBegin: id('0.00') ?? noTimestamps + 1,
    languages: new Map(languages),
  };
}
