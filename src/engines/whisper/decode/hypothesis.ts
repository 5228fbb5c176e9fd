/** One row a token, each `[watched heads, positions]`; positions differ from row to row, and only the first of them hold audio. */
export type AttentionRows = readonly Float32Array[];

/** One candidate text of a segment, as far as it is decoded. Never changed; longer ones are made from it. */
export interface Hypothesis {
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  /** Sum of `logprobs`. */
  readonly total: number;
  /** Cells that hold the keys and values of the prompt and of all tokens but the last. */
  readonly cells: readonly number[];
  /** Where each of its tokens listened: one row more than tokens once it has ended; none when nobody wants words. */
  readonly attention: AttentionRows;
}

export function extend(from: Hypothesis, token: number, logprob: number): Hypothesis {
  return {
    tokens: [...from.tokens, token],
    logprobs: [...from.logprobs, logprob],
    total: from.total + logprob,
    cells: from.cells,
    attention: from.attention,
  };
}

/**
 * How hypotheses of different lengths compare: the total over `length ** penalty`. With 1 it is OpenAI's mean
 * (`MaximumLikelihoodRanker`: the end token counts in the total, not in the length).
 */
export function rank(hypothesis: Hypothesis, penalty: number): number {
  return hypothesis.total / Math.max(1, hypothesis.tokens.length) ** penalty;
}
