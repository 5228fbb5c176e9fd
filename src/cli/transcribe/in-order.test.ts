import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOrder } from './in-order.ts';
import { runTogether } from './run-together.ts';

test('texts come out in order, whatever order they come in, each as soon as it can', async () => {
  const count = fc.integer({ min: 0, max: 20 });
  const order = count.chain((n) => fc.shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n }));
  await fc.assert(
    fc.asyncProperty(order, async (indices) => {
      const out: string[] = [];
      const ordered = inOrder((text) => {
        out.push(text);
        return Promise.resolve();
      });
      const there = new Set<number>();
      for (const index of indices) {
        there.add(index);
        await ordered.put(index, String(index));
        const ready = indices.findIndex((_, i) => !there.has(i));
        expect(out).toEqual([...Array(ready < 0 ? indices.length : ready).keys()].map(String));
      }
    }),
  );
});

test('once the signal aborts nothing more is started, and what runs is waited for', async () => {
  const controller = new AbortController();
  const started: number[] = [];
  const ended: number[] = [];
  await runTogether([0, 1, 2, 3], 2, controller.signal, async (item) => {
    started.push(item);
    if (item === 1) controller.abort();
    await Promise.resolve();
    ended.push(item);
  });
  expect([started, ended]).toEqual([
    [0, 1],
    [0, 1],
  ]);
});
