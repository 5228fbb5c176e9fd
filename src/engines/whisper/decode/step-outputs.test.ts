import { expect, test } from 'vitest';
import { TOP } from '../graph/decoder-graph.ts';
import { stepOutputs } from './step-outputs.ts';

test('a step has room for its rows and scores, and the next one writes over it', () => {
  const outputs = stepOutputs(6);
  const first = outputs(3, 2, []);
  expect([first.cells.length, first.tokens.length, first.logprobs.length]).toEqual([18, 2 * TOP, 2 * TOP]);
  expect(Object.entries(first.fetches).map(([name, tensor]) => [name, tensor?.dims])).toEqual([
    ['new_cells', [3, 6]],
    ['top_tokens', [2, TOP]],
    ['top_logprobs', [2, TOP]],
  ]);
  const smaller = outputs(1, 0, []);
  expect(smaller.cells.length).toBe(6);
  expect(smaller.fetches['top_tokens']?.dims).toEqual([0, TOP]);
  expect(smaller.cells.buffer).toBe(first.cells.buffer);
  const larger = outputs(5, 3, []);
  expect([larger.cells.length, larger.tokens.length]).toEqual([30, 3 * TOP]);
  expect(larger.cells.buffer).not.toBe(first.cells.buffer);
});

test('what is seldom wanted is left to the graph', () => {
  const { fetches } = stepOutputs(1)(1, 1, ['logits', 'attention']);
  expect([fetches['logits'], fetches['attention']]).toEqual([null, null]);
  expect('attention' in stepOutputs(1)(1, 1, ['logits']).fetches).toBe(false);
});
