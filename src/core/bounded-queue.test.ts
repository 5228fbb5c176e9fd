import { array, assert, asyncProperty, integer } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundedQueue } from './bounded-queue.ts';

describe('boundedQueue', () => {
  test('hands every value over, in order, whatever the limit', async () => {
    await assert(
      asyncProperty(array(integer()), integer({ min: 1, max: 5 }), async (values, limit) => {
        const queue = boundedQueue<number>(limit);
        const writing = (async () => {
          for (const value of values) await queue.push(value);
          queue.close();
        })();
        const read: number[] = [];
        for await (const value of queue) read.push(value);
        await writing;
        expect(read).toEqual(values);
      }),
    );
  });

  test('makes the writer wait while it is full', async () => {
    const queue = boundedQueue<number>(2);
    await queue.push(1);
    let through = false;
    const second = (async () => {
      await queue.push(2);
      through = true;
    })();
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(through).toBe(false);
    const reader = queue[Symbol.asyncIterator]();
    expect(await reader.next()).toEqual({ done: false, value: 1 });
    await second;
    expect(through).toBe(true);
  });

  test('lets the writer go when the reader leaves', async () => {
    const queue = boundedQueue<number>(1);
    const writing = (async () => {
      for (let i = 0; i < 10; i++) await queue.push(i);
    })();
    for await (const value of queue) {
      expect(value).toBe(0);
      break;
    }
    await writing;
  });

  test('throws the writer’s error after what came before it', async () => {
    const queue = boundedQueue<number>(4);
    await queue.push(1);
    queue.fail(new Error('source broke'));
    const read: number[] = [];
    await expect(
      (async () => {
        for await (const value of queue) read.push(value);
      })(),
    ).rejects.toThrow('source broke');
    expect(read).toEqual([1]);
  });
});
