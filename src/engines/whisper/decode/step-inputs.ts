import * as ort from 'onnxruntime-node';
import type { StepPlan } from './plan.ts';

/** One group's share of a step. */
export interface GroupPlan {
  readonly group: number;
  readonly plan: StepPlan;
  /** Positions of its window; those after them are hidden. */
  readonly positions: number;
}

export interface StepSize {
  /** The first group of the run and how many follow. */
  readonly first: number;
  readonly groups: number;
  readonly cells: number;
  readonly positions: number;
}

/** What a hidden place adds to a score: enough for a softmax to give it nothing. */
const HIDDEN = -1e9;

/** The decoder graph's inputs but for its memory: tokens, places and masks (`graph/decoder-graph.ts`). */
export function stepInputs(work: readonly GroupPlan[], size: StepSize): Record<string, ort.Tensor> {
  const { first, groups, cells, positions } = size;
  const wide = Math.max(...work.map(({ plan }) => plan.rows.length));
  const count = work.reduce((sum, { plan }) => sum + plan.rows.length, 0);
  const tokens = new BigInt64Array(count);
  const places = new BigInt64Array(count);
  const spread = new BigInt64Array(groups * wide);
  const gather = new BigInt64Array(count);
  const pastMask = new Float32Array(groups * wide * cells).fill(HIDDEN);
  const newMask = new Float32Array(groups * wide * wide).fill(HIDDEN);
  const crossMask = new Float32Array(groups * positions);
  const scored: number[] = [];
  const watched: number[] = [];
  let row = 0;
  for (const { group, plan, positions: heard } of work) {
    const base = (group - first) * wide;
    crossMask.fill(HIDDEN, (group - first) * positions + heard, (group - first + 1) * positions);
    for (const index of plan.scored) scored.push(row + index);
    plan.rows.forEach((planned, r) => {
      const place = base + r;
      tokens[row] = BigInt(planned.token);
      places[row] = BigInt(planned.position);
      spread[place] = BigInt(row);
      gather[row] = BigInt(place);
      for (const cell of planned.cells) pastMask[place * cells + cell] = 0;
      for (const other of planned.sees) newMask[place * wide + other] = 0;
      if (plan.attention) watched.push(place);
      row++;
    });
  }
  const ints = (values: BigInt64Array): ort.Tensor => new ort.Tensor('int64', values, [values.length]);
  return {
    tokens: ints(tokens),
    positions: ints(places),
    spread: ints(spread),
    gather: ints(gather),
    scored: ints(BigInt64Array.from(scored, BigInt)),
    watched: ints(BigInt64Array.from(watched, BigInt)),
    past_mask: new ort.Tensor('float32', pastMask, [groups, 1, wide, cells]),
    new_mask: new ort.Tensor('float32', newMask, [groups, 1, wide, wide]),
    cross_mask: new ort.Tensor('float32', crossMask, [groups, 1, 1, positions]),
  };
}
