import type { Decode, StepPlan, StepResult } from './plan.ts';

/** Runs known tokens through the decoder once, to see where each one listens. */
export class AlignmentDecode implements Decode {
  readonly #tokens: readonly number[];
  #attention: Float32Array | undefined;

  /** @param tokens the whole prompt, the text's tokens and the end token. */
  constructor(tokens: readonly number[]) {
    this.#tokens = tokens;
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

  accept(result: StepResult): void {
    this.#attention = result.attention ?? new Float32Array(0);
  }

  /** Shape [tokens, watched heads, positions]. */
  attention(): Float32Array {
    return this.#attention ?? new Float32Array(0);
  }
}
