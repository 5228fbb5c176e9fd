/** Collects chunks of any size into parts of one; holds what was sent, and no more than a part of it. */
export interface PartBuffer {
  /** Takes as much of `chunk`, from `from`, as fits; returns how much. */
  take(chunk: Uint8Array, from: number): number;
  readonly isFull: () => boolean;
  /** What is in it, which is then empty. */
  part(): Uint8Array;
}

const FIRST_BYTES = 65_536;

/** The chunks are copied: who sends may use them again. */
export function partBuffer(partBytes: number): PartBuffer {
  let bytes = Buffer.alloc(0);
  let filled = 0;
  return {
    take(chunk, from) {
      const taken = Math.min(chunk.byteLength - from, partBytes - filled);
      if (filled + taken > bytes.byteLength) {
        const size = Math.max(FIRST_BYTES, filled + taken, bytes.byteLength * 2);
        const larger = Buffer.allocUnsafe(Math.min(partBytes, size));
        bytes.copy(larger, 0, 0, filled);
        bytes = larger;
      }
      bytes.set(chunk.subarray(from, from + taken), filled);
      filled += taken;
      return taken;
    },
    isFull: () => filled === partBytes,
    part() {
      const part = bytes.subarray(0, filled);
      bytes = Buffer.alloc(0);
      filled = 0;
      return part;
    },
  };
}
