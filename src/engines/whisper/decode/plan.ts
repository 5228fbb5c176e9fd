/** What a decode asks of one step of the decoder, and what it gets back. */

/** One new token to run through the decoder. */
export interface PlannedRow {
  readonly token: number;
  readonly position: number;
  /** Cells of earlier tokens that it may see. */
  readonly cells: readonly number[];
  /** Rows of this same plan that it may see, itself among them. */
  readonly sees: readonly number[];
  /** Where its own key and value go. */
  readonly cell: number;
}

export interface StepPlan {
  readonly rows: readonly PlannedRow[];
  /** Which rows are to be scored. */
  readonly scored: readonly number[];
  /** Whether the whole rows of logits are wanted too: they are large. */
  readonly logits: boolean;
  /** Whether the attention of all rows is wanted. */
  readonly attention: boolean;
}

/** A row's best tokens, best first, with their log probabilities. */
export interface Candidates {
  readonly tokens: ArrayLike<number>;
  readonly logprobs: ArrayLike<number>;
}

export interface StepResult {
  /** One a scored row, in the plan's order. */
  readonly best: readonly Candidates[];
  /** One a scored row when asked for; the receiver may write into them. */
  readonly logits: readonly Float32Array[];
  /** One a row of the plan, each `[watched heads, positions]`; none when not asked for. */
  readonly attention: readonly Float32Array[];
}

/** A decode in progress, driven by whoever owns the batch. */
export interface Decode {
  /** The next step's work; undefined when done. */
  plan(): StepPlan | undefined;
  accept(result: StepResult): void;
}
