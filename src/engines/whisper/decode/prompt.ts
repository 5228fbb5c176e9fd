import type { DecodeOptions } from '../../../core/index.ts';
import { ScriptoriumError } from '../../../core/index.ts';
import type { WhisperModel } from '../model/whisper-model.ts';

/** What stands between the start of the prompt and the text. */
export interface PromptTokens {
  /** `<|startofprev|>` and the earlier text, or nothing. */
  readonly previous: readonly number[];
  readonly language: number | 'auto' | undefined;
  readonly task: number | undefined;
}

/** Half of the text context, less one for the start token: what OpenAI leaves to earlier text. */
const previousLimit = (textContext: number): number => Math.floor(textContext / 2) - 1;

/**
 * The prompt that steers a decode.
 * @throws ScriptoriumError `language-unsupported` when the model doesn't know the language or can't translate.
 */
export function promptTokens(model: WhisperModel, options: DecodeOptions): PromptTokens {
  const { tokenizer, multilingual, shape } = model;
  const { special } = tokenizer;
  const previous = previousTokens(options, tokenizer.encode.bind(tokenizer), previousLimit(shape.textContext));
  const head = previous.length > 0 ? [special.startOfPrevious, ...previous] : [];
  if (!multilingual) {
    if (options.task === 'translate') {
      throw new ScriptoriumError(
        'language-unsupported',
        `${model.name} knows only English, so it can't translate; choose a multilingual model`,
      );
    }
    if (options.language !== 'en' && options.language !== 'auto') {
      throw new ScriptoriumError(
        'language-unsupported',
        `${model.name} knows only English, not '${options.language}'; choose a multilingual model`,
      );
    }
    return { previous: head, language: undefined, task: undefined };
  }
  const task = options.task === 'translate' ? special.translate : special.transcribe;
  if (options.language === 'auto') return { previous: head, language: 'auto', task };
  const language = special.languages.get(options.language);
  if (language === undefined) {
    throw new ScriptoriumError('language-unsupported', `${model.name} doesn't know the language '${options.language}'`);
  }
  return { previous: head, language, task };
}

/** Keywords come first, as a glossary: the end of the prompt is what the decoder minds most. */
function previousTokens(options: DecodeOptions, encode: (text: string) => number[], limit: number): number[] {
  const glossary =
    options.keywords === undefined || options.keywords.length === 0 ? '' : ` ${options.keywords.join(', ')}.`;
  const prompt = options.prompt === undefined || options.prompt.trim() === '' ? '' : ` ${options.prompt.trim()}`;
  const text = glossary + prompt;
  return text === '' ? [] : encode(text).slice(-limit);
}
