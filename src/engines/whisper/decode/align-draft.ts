import type { Word } from '../../../core/index.ts';
import type { WhisperModel } from '../model/whisper-model.ts';
import type { Draft } from './draft.ts';
import type { AttentionRows } from './hypothesis.ts';
import { splitWords } from './token-words.ts';
import { alignWords } from './word-times.ts';

/** The prompt without time stamps, as the words are aligned under it. */
function instructions(model: WhisperModel, language: string, task: number | undefined): number[] {
  const { special } = model.tokenizer;
  const id = model.multilingual ? special.languages.get(language) : undefined;
  return [special.startOfTranscript, id, task, special.noTimestamps].filter((token) => token !== undefined);
}

const isText = (model: WhisperModel, token: number | undefined): boolean =>
  token !== undefined && token < model.tokenizer.special.endOfText;

/** What is run through the decoder to see where each token listens: the instructions but the last, then that and the text. */
export function alignmentTokens(
  model: WhisperModel,
  draft: Draft,
  task: number | undefined,
): { readonly before: readonly number[]; readonly heard: readonly number[] } {
  const known = instructions(model, draft.language, task);
  const text = draft.tokens.filter((token) => isText(model, token));
  return { before: known.slice(0, -1), heard: [...known.slice(-1), ...text] };
}

/**
 * A draft's words in time.
 *
 * @param attention of the last instruction and every token of the text; more rows are not looked at.
 * @param audible positions that hold audio.
 * @returns words with times from the start of the window; none when the model has no heads to follow.
 */
export function wordsOf(model: WhisperModel, draft: Draft, attention: AttentionRows, audible: number): Word[] {
  const heads = model.alignmentHeads.length;
  const text = draft.tokens.filter((token) => isText(model, token));
  if (heads === 0) return [];
  const heard = attention.slice(0, text.length + 1);
  return alignWords({
    attention: heard,
    heads,
    audible: Math.min(audible, ...heard.map(({ length }) => length / heads)),
    words: splitWords(text, model.tokenizer, draft.language),
    probabilities: draft.probabilities.filter((_, i) => isText(model, draft.tokens[i])),
  });
}
