import type { ChildCounts } from './messages.ts';

export const NO_COUNTS: ChildCounts = {
  segments: 0,
  retries: { loop: 0, 'early-end': 0, 'low-probability': 0, repetition: 0 },
  encodeMs: 0,
  decodeMs: 0,
  steps: 0,
  rows: 0,
};

export function addCounts(a: ChildCounts, b: ChildCounts): ChildCounts {
  return {
    segments: a.segments + b.segments,
    retries: {
      loop: a.retries.loop + b.retries.loop,
      'early-end': a.retries['early-end'] + b.retries['early-end'],
      'low-probability': a.retries['low-probability'] + b.retries['low-probability'],
      repetition: a.retries.repetition + b.retries.repetition,
    },
    encodeMs: a.encodeMs + b.encodeMs,
    decodeMs: a.decodeMs + b.decodeMs,
    steps: a.steps + b.steps,
    rows: a.rows + b.rows,
  };
}
