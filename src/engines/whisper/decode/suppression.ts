import type { WhisperModel } from '../model/whisper-model.ts';

/** Which tokens are kept away from which texts. */
export interface Suppression {
  /** What the graph suppresses: everything that plain text never holds; ascending. */
  readonly all: readonly number[];
  /** Symbols and sound tags among them (OpenAI's `non_speech_tokens`). */
  readonly symbols: readonly number[];
  /** Time stamps among them. */
  readonly stamps: readonly number[];
  /** Not as the first token: a blank, and the end (`SuppressBlank`). */
  readonly notFirst: readonly number[];
}

export function suppressionOf(model: WhisperModel): Suppression {
  const { tokenizer, shape } = model;
  const { special } = tokenizer;
  const range = (from: number, to: number): number[] =>
    Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  const symbols = tokenizer.nonSpeechTokens();
  const steering = range(special.endOfText + 1, special.timestampBegin);
  const stamps = range(special.timestampBegin, shape.vocabulary);
  return {
    all: [...symbols, ...steering, ...stamps],
    symbols,
    stamps,
    notFirst: [...tokenizer.encode(' '), special.endOfText],
  };
}
