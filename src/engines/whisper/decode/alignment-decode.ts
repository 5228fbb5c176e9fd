import type { AttentionRows } from './hypothesis.ts';
import type { Decode, StepPlan, StepResult } from './plan.ts';

/** Runs known tokens through the decoder once, to see where each one listens: for texts that were decoded under other tokens. */
export class AlignmentDecode implements Decode {
  readonly #before: number;
  readonly #tokens: readonly number[];
  #attention: AttentionRows | undefined;

  /** @param tokens those that are only read, and those behind them whose listening is wanted. */
  constructor({ before, heard }: { readonly before: readonly number[]; readonly heard: readonly number[] }) {
    this.#before = before.length;
    this.#tokens = [...before, ...heard];
  }

  plan(): StepPlan | undefined {
    if (this.#attention !== undefined) return undefined;
    const rows = this.#tokens.map((token, i) => ({
      token,
      position: i,
      cells: [],
      sees: Array.from({ length: i + 1 }, (_, j) => j),
      cell: i,
    }));
    // ONNX Runtime's kernels divide by the number of scored rows: one is scored and not used.
    return { rows, scored: [0], logits: false, attention: true };
  }

  accept({ attention }: StepResult): void {
    this.#attention = attention.slice(this.#before);
  }

  /** One row a token of `heard`. */
  attention(): AttentionRows {
    return this.#attention ?? [];
  }
}
