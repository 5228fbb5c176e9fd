/** One candidate text of a segment, as far as it is decoded. Never changed; longer ones are made from it. */
export interface Hypothesis {
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  /** Sum of `logprobs`. */
  readonly total: number;
  /** Cells that hold the keys and values of the prompt and of all tokens but the last. */
  readonly cells: readonly number[];
}

export function extend(from: Hypothesis, token: number, logprob: number): Hypothesis {
  return {
    tokens: [...from.tokens, token],
    logprobs: [...from.logprobs, logprob],
    total: from.total + logprob,
    cells: from.cells,
  };
}

/**
 * How hypotheses of different lengths compare: the total over `length ** penalty`. With 1 it is OpenAI's mean
 * (`MaximumLikelihoodRanker`: the end token counts in the total, not in the length).
 */
export function rank(hypothesis: Hypothesis, penalty: number): number {
  return hypothesis.total / Math.max(1, hypothesis.tokens.length) ** penalty;
}
