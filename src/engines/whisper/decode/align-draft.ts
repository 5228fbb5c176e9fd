import type { Word } from '../../../core/index.ts';
import type { WhisperModel } from '../model/whisper-model.ts';
import type { Draft } from './draft.ts';
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

/** What is run through the decoder to see where each token listens: prompt, text, end. */
export function alignmentTokens(model: WhisperModel, draft: Draft, task: number | undefined): number[] {
  const text = draft.tokens.filter((token) => isText(model, token));
  return [...instructions(model, draft.language, task), ...text, model.tokenizer.special.endOfText];
}

/**
 * A draft's words in time.
 *
 * @param attention of all `alignmentTokens`, `[tokens, heads, positions]`.
 * @param audible positions that hold audio.
 * @returns words with times from the start of the window; none when the model has no heads to follow.
 */
export function wordsOf(
  model: WhisperModel,
  draft: Draft,
  task: number | undefined,
  attention: Float32Array,
  audible: number,
): Word[] {
  const heads = model.alignmentHeads.length;
  const text = draft.tokens.filter((token) => isText(model, token));
  const before = instructions(model, draft.language, task).length - 1;
  const rows = text.length + 1;
  if (heads === 0) return [];
  const positions = attention.length / ((before + 1 + rows) * heads);
  // The row of the last instruction listens for the first token of the text.
  const from = before * heads * positions;
  return alignWords({
    attention: attention.subarray(from, from + rows * heads * positions),
    rows,
    heads,
    positions,
    audible: Math.min(positions, audible),
    words: splitWords(text, model.tokenizer, draft.language),
    probabilities: draft.probabilities.filter((_, i) => isText(model, draft.tokens[i])),
  });
}
