import * as ort from 'onnxruntime-node';
import type { WhisperShape } from '../model/whisper-model.ts';

/**
 * What the decoder remembers of all groups: keys and values of every layer, each as one tensor `[groups, heads, length, 64]`,
 * so that a step hands them over without a copy. Tensor 2 i holds the keys of layer i, tensor 2 i + 1 its values.
 */
export class GroupMemory {
  readonly #heads: number;
  readonly #width: number;
  readonly #count: number;
  readonly #capacity: number;
  readonly #most: number;
  #buffers: Float32Array[];
  #length: number;

  /** @param capacity groups at most. @param length cells or positions of each at first. @param most what that may become. */
  constructor(shape: WhisperShape, capacity: number, length: number, most: number) {
    this.#heads = shape.textHeads;
    this.#width = shape.textState / shape.textHeads;
    this.#count = shape.textLayers * 2;
    this.#capacity = capacity;
    this.#most = most;
    this.#length = length;
    this.#buffers = Array.from({ length: this.#count }, () => new Float32Array(this.#floats(length)));
  }

  /** Cells or positions that each group has. */
  get length(): number {
    return this.#length;
  }

  #floats(length: number): number {
    return this.#capacity * this.#heads * length * this.#width;
  }

  /**
   * Changes the length of every group, keeping what the first `groups` of them hold as far as it fits. Buffers grow by doubling,
   * to `most` but no further, and are never given back: laying them out anew in place costs a copy, fresh ones cost a page fault every 4 KiB as well.
   */
  resize(length: number, groups: number): void {
    const before = this.#length;
    const rows = groups * this.#heads;
    const room = this.#buffers[0]?.length ?? 0;
    this.#length = length;
    const needed = this.#floats(length);
    const wanted = Math.max(needed, Math.min(2 * room, this.#floats(this.#most)));
    if (needed > room) this.#buffers = this.#replace(wanted, rows * before * this.#width);
    for (const buffer of this.#buffers) relay(buffer, rows, before * this.#width, length * this.#width);
  }

  #replace(floats: number, kept: number): Float32Array[] {
    return this.#buffers.map((old) => {
      const buffer = new Float32Array(floats);
      buffer.set(old.subarray(0, kept));
      return buffer;
    });
  }

  move(from: number, to: number): void {
    const size = this.#heads * this.#length * this.#width;
    for (const buffer of this.#buffers) buffer.copyWithin(to * size, from * size, (from + 1) * size);
  }

  /** Puts `[heads, length, 64]` of a window into a group; what is longer in the group is left as it is. */
  fill(index: number, group: number, source: Float32Array, length: number): void {
    const run = length * this.#width;
    for (let head = 0; head < this.#heads; head++) {
      const to = (group * this.#heads + head) * this.#length * this.#width;
      this.#buffers[index]?.set(source.subarray(head * run, (head + 1) * run), to);
    }
  }

  /** Puts one token's `[heads · 64]`, which starts at `from` of `source`, into a cell of a group. */
  store(index: number, group: number, cell: number, source: Float32Array, from: number): void {
    const width = this.#width;
    for (let head = 0; head < this.#heads; head++) {
      const to = ((group * this.#heads + head) * this.#length + cell) * width;
      this.#buffers[index]?.set(source.subarray(from + head * width, from + (head + 1) * width), to);
    }
  }

  /** Groups `first` to `first + groups` of one tensor, as a view. */
  tensor(index: number, first: number, groups: number): ort.Tensor {
    const size = this.#heads * this.#length * this.#width;
    const data = this.#buffers[index]?.subarray(first * size, (first + groups) * size) ?? new Float32Array(0);
    return new ort.Tensor('float32', data, [groups, this.#heads, this.#length, this.#width]);
  }
}

/** Moves `rows` runs that lie `before` apart to lie `after` apart, last first when they move up, so that none is overwritten. */
function relay(buffer: Float32Array, rows: number, before: number, after: number): void {
  const kept = Math.min(before, after);
  for (let i = 0; i < rows; i++) {
    const row = after > before ? rows - 1 - i : i;
    buffer.copyWithin(row * after, row * before, row * before + kept);
  }
}
