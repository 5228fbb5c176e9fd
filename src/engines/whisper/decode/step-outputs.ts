import * as ort from 'onnxruntime-node';
import { TOP } from '../graph/decoder-graph.ts';

/** What a step of the decoder writes, overwritten by the next one. */
export interface StepOutputs {
  /** Each row's new keys and values, `[rows, values]`. */
  readonly cells: Float32Array;
  /** `[scored, TOP]` each. */
  readonly tokens: BigInt64Array;
  readonly logprobs: Float32Array;
  /** What the graph is to write into; those that are null it makes itself. */
  readonly fetches: Readonly<Record<string, ort.Tensor | null>>;
}

/** Outputs that are seldom wanted, and large. */
export type Extra = 'logits' | 'attention';

/**
 * Room for the outputs of steps, kept from one to the next: memory that the runtime makes for each costs the collector more than
 * the step's rows are worth.
 *
 * @param values of each row's `cells`.
 */
export function stepOutputs(values: number): (rows: number, scored: number, extras: readonly Extra[]) => StepOutputs {
  let cells = new Float32Array(0);
  let tokens = new BigInt64Array(0);
  let logprobs = new Float32Array(0);

  return (rows, scored, extras) => {
    if (rows * values > cells.length) cells = new Float32Array(rows * values);
    if (scored * TOP > tokens.length) {
      tokens = new BigInt64Array(scored * TOP);
      logprobs = new Float32Array(scored * TOP);
    }
    const made = {
      cells: cells.subarray(0, rows * values),
      tokens: tokens.subarray(0, scored * TOP),
      logprobs: logprobs.subarray(0, scored * TOP),
    };
    return {
      ...made,
      fetches: {
        new_cells: new ort.Tensor('float32', made.cells, [rows, values]),
        top_tokens: new ort.Tensor('int64', made.tokens, [scored, TOP]),
        top_logprobs: new ort.Tensor('float32', made.logprobs, [scored, TOP]),
        ...Object.fromEntries(extras.map((name) => [name, null])),
      },
    };
  };
}
