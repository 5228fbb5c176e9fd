import type { Broker, Samples } from '../core/index.ts';
import { SAMPLE_RATE, fromPcm16, samples, toPcm16 } from '../core/index.ts';

/** Samples written at once: 8 s, what the search for speech looks at in one go. */
export const WRITE_SAMPLES = 8 * SAMPLE_RATE;

/** The samples of a channel as 16 bits give them back, in larger blocks, each once it is in the store. */
export async function* storedBlocks(
  blocks: AsyncIterable<Float32Array>,
  channel: number,
  session: string,
  audio: Broker['audio'],
): AsyncGenerator<Float32Array, void, undefined> {
  let at: Samples = samples(0);
  for await (const pcm of gathered(blocks)) {
    await audio.append(session, channel, at, pcm);
    at = samples(at + pcm.length);
    yield fromPcm16(pcm);
  }
}

/** Small blocks put together as 16 bits: a write costs the same for one sample as for thousands. */
async function* gathered(blocks: AsyncIterable<Float32Array>): AsyncGenerator<Int16Array, void, undefined> {
  let pieces: Float32Array[] = [];
  let length = 0;
  const join = (): Int16Array => {
    const whole = new Int16Array(length);
    let at = 0;
    for (const piece of pieces) {
      toPcm16(piece, whole, at);
      at += piece.length;
    }
    pieces = [];
    length = 0;
    return whole;
  };
  for await (const block of blocks) {
    pieces.push(block);
    length += block.length;
    if (length >= WRITE_SAMPLES) yield join();
  }
  if (length > 0) yield join();
}
