import type { Clock } from '../core/index.ts';
import { samples, samplesToMillis } from '../core/index.ts';
import type { DecoderTurn } from './decoder-turn.ts';
import { WRITE_SAMPLES } from './stored-blocks.ts';

export interface Pace {
  readonly clock: Clock;
  readonly place: Pick<DecoderTurn, 'wait'>;
  /** Whether the file is to make way for something that somebody waits for. */
  readonly isAside: () => boolean;
}

/** The longest wait for `WRITE_SAMPLES` samples: while it makes way, a file goes on about as fast as it was spoken. */
const LONGEST_WAIT = samplesToMillis(samples(WRITE_SAMPLES));

/** The same blocks (one array a channel), as fast as they may come. @throws the reason of `signal`. */
export async function* pacedBlocks<Block extends readonly Float32Array[]>(
  blocks: AsyncIterable<Block>,
  { clock, place, isAside }: Pace,
  signal: AbortSignal,
): AsyncGenerator<Block, void, undefined> {
  let since = 0;
  for await (const block of blocks) {
    since += block[0]?.length ?? 0;
    if (since >= WRITE_SAMPLES) {
      since = 0;
      const until = clock.now() + LONGEST_WAIT;
      while (isAside() && clock.now() < until) await place.wait();
    }
    signal.throwIfAborted();
    yield block;
  }
}
