import type { BoundedQueue } from '../core/index.ts';
import { boundedQueue } from '../core/index.ts';

/** Blocks that one channel may be ahead of another. */
const BLOCKS_AHEAD = 8;

export interface SplitChannels {
  readonly channels: readonly AsyncIterable<Float32Array>[];
  /** Resolves when the source is read to its end; its failure is thrown to the readers. */
  readonly done: Promise<void>;
}

/** One stream a channel out of blocks of all channels. Each must be read: the slowest holds the others up. */
export function splitChannels(blocks: AsyncIterable<readonly Float32Array[]>, count: number): SplitChannels {
  const queues: readonly BoundedQueue<Float32Array>[] = Array.from({ length: count }, () => boundedQueue(BLOCKS_AHEAD));
  const done = (async () => {
    try {
      for await (const block of blocks) {
        await Promise.all(queues.map((queue, channel) => queue.push(block[channel] ?? new Float32Array(0))));
      }
      for (const queue of queues) queue.close();
    } catch (error) {
      for (const queue of queues) queue.fail(error);
    }
  })();
  return { channels: queues, done };
}
