/** Reads a stream of chunks as bytes, holding no more than a chunk and what was peeked. */
export interface ByteReader {
  /** The next bytes without taking them: `count`, or fewer when the source ends before. */
  peek(count: number): Promise<Uint8Array>;
  /** Takes the next bytes: `count`, or fewer when the source ends before. */
  read(count: number): Promise<Uint8Array>;
  /** Takes what is at hand, 1 to `max` bytes, without waiting for more than one chunk; empty at the end. */
  some(max: number): Promise<Uint8Array>;
  /** Passes over bytes. @returns how many there were, fewer than `count` only at the end. */
  skip(count: number): Promise<number>;
  /** Bytes taken so far. */
  position(): number;
  /** Lets go of the source, or, when it is being waited for, does so as soon as it gives anything; idempotent. */
  close(): Promise<void>;
}

export function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array(0);
  let position = 0;
  let ended = false;
  let waits = false;

  /** Makes `count` bytes be held unless the source ends; one copy for any number of small chunks. */
  async function hold(count: number): Promise<void> {
    if (held.length >= count || ended) return;
    const pieces = [held];
    let length = held.length;
    while (length < count) {
      waits = true;
      const next = await iterator.next().finally(() => (waits = false));
      if (next.done === true) {
        ended = true;
        break;
      }
      pieces.push(next.value);
      length += next.value.length;
    }
    held = join(pieces, length);
  }

  function take(count: number): Uint8Array {
    const taken = held.subarray(0, count);
    held = held.subarray(taken.length);
    position += taken.length;
    return taken;
  }

  return {
    async peek(count) {
      await hold(count);
      return held.subarray(0, count);
    },
    async read(count) {
      await hold(count);
      return take(count);
    },
    async some(max) {
      await hold(1);
      return take(max);
    },
    async skip(count) {
      let left = count;
      while (left > 0) {
        await hold(1);
        const taken = take(left).length;
        if (taken === 0) break;
        left -= taken;
      }
      return count - left;
    },
    position: () => position,
    async close() {
      ended = true;
      held = new Uint8Array(0);
      const released = iterator.return?.();
      if (waits) released?.catch(() => {});
      else await released;
    },
  };
}

function join(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
