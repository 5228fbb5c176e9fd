import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitChannels } from './split-channels.ts';

async function* blocksOf(sizes: readonly number[], count: number, taken: { blocks: number }) {
  let from = 0;
  for (const size of sizes) {
    taken.blocks++;
    const start = from;
    from += size;
    yield await Promise.resolve(
      Array.from({ length: count }, (_, channel) =>
        Float32Array.from({ length: size }, (_unused, i) => channel * 1000 + start + i),
      ),
    );
  }
}

async function read(channel: AsyncIterable<Float32Array>): Promise<number[]> {
  const values: number[] = [];
  for await (const block of channel) values.push(...block);
  return values;
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('gives every channel all of its samples in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      async (sizes, count) => {
        const { channels, done } = splitChannels(blocksOf(sizes, count, { blocks: 0 }), count);
        const all = await Promise.all(channels.map(read));
        await done;
        const length = sizes.reduce((a, b) => a + b, 0);
        expect(all).toEqual(
          Array.from({ length: count }, (_, channel) => Array.from({ length }, (_unused, i) => channel * 1000 + i)),
        );
      },
    ),
    { numRuns: 30 },
  );
});

test('holds the source up for the slowest channel', async () => {
  const taken = { blocks: 0 };
  const sizes = Array.from({ length: 100 }, () => 1);
  const { channels } = splitChannels(blocksOf(sizes, 2, taken), 2);
  const [fast, slow] = channels;
  const read0 = fast === undefined ? Promise.resolve([]) : read(fast);
  await settle();
  expect(taken.blocks).toBeLessThan(20);
  expect((slow === undefined ? [] : await read(slow)).length).toBe(100);
  expect((await read0).length).toBe(100);
});

test('goes on for the others when the reader of one leaves', async () => {
  const { channels } = splitChannels(blocksOf([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 2, { blocks: 0 }), 2);
  const [leaving, staying] = channels;
  const iterator = leaving?.[Symbol.asyncIterator]();
  await iterator?.next();
  await iterator?.return?.();
  expect(staying === undefined ? [] : await read(staying)).toEqual(Array.from({ length: 12 }, (_, i) => 1000 + i));
});

test('throws the failure of the source to every reader', async () => {
  async function* broken(): AsyncGenerator<readonly Float32Array[], void, undefined> {
    yield await Promise.resolve([Float32Array.of(1), Float32Array.of(2)]);
    throw new Error('cut off');
  }
  const { channels, done } = splitChannels(broken(), 2);
  const ends = await Promise.allSettled(channels.map(read));
  expect(ends.map((end) => (end.status === 'rejected' ? String(end.reason) : end.status))).toEqual([
    'Error: cut off',
    'Error: cut off',
  ]);
  await done;
});
