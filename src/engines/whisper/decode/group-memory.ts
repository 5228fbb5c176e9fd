import type { Tensor } from 'onnxruntime-node';
import type { Track } from '../graph/memory-layout.ts';
import { product, trackData, trackDims, trackSize, trackTensor, type TrackData } from './track-data.ts';

/** A track and where its values lie: in each group `rows` runs of `length · width`. */
interface Shelf {
  readonly track: Track;
  readonly rows: number;
  readonly width: number;
  buffer: TrackData;
}

/**
 * What the decoder remembers of all groups: every track as one tensor `[groups, ...before, length, ...after]`, so that a step hands
 * them over without a copy. Tracks are known by their index.
 */
export class GroupMemory {
  readonly #shelves: readonly Shelf[];
  readonly #capacity: number;
  readonly #most: number;
  #length: number;
  /** What `tensors` gave last, as long as it holds: one step asks for the same groups as the one before. */
  #views: { readonly first: number; readonly groups: number; readonly tensors: Record<string, Tensor> } | undefined;

  /** @param capacity groups at most. @param length cells or positions of each at first. @param most what that may become. */
  constructor(tracks: readonly Track[], capacity: number, length: number, most: number) {
    this.#capacity = capacity;
    this.#most = most;
    this.#length = length;
    this.#shelves = tracks.map((track) => ({
      track,
      rows: product(track.before),
      width: product(track.after),
      buffer: trackData(track, capacity * trackSize(track, length)),
    }));
  }

  /** Cells or positions that each group has. */
  get length(): number {
    return this.#length;
  }

  /** Values of a group in one track. */
  #size({ track }: Shelf, length = this.#length): number {
    return trackSize(track, length);
  }

  /**
   * Changes the length of every group, keeping what the first `groups` of them hold as far as it fits. Buffers grow by doubling,
   * to `most` but no further, and are never given back: laying them out anew in place costs a copy, fresh ones cost a page fault every 4 KiB as well.
   */
  resize(length: number, groups: number): void {
    const before = this.#length;
    this.#length = length;
    this.#views = undefined;
    for (const shelf of this.#shelves) {
      if (shelf.track.isFixed === true) continue;
      const { rows, width } = shelf;
      const needed = this.#capacity * this.#size(shelf);
      if (needed > shelf.buffer.length) {
        const most = this.#capacity * this.#size(shelf, this.#most);
        const larger = trackData(shelf.track, Math.max(needed, Math.min(2 * shelf.buffer.length, most)));
        larger.set(shelf.buffer.subarray(0, groups * rows * before * width));
        shelf.buffer = larger;
      }
      relay(shelf.buffer, groups * rows, before * width, length * width);
    }
  }

  move(from: number, to: number): void {
    for (const shelf of this.#shelves) {
      const size = this.#size(shelf);
      shelf.buffer.copyWithin(to * size, from * size, (from + 1) * size);
    }
  }

  /** Puts `[...before, length, ...after]` of a window into a group; what is longer in the group is left as it is. */
  fill(index: number, group: number, source: TrackData, length: number): void {
    const shelf = this.#shelves[index];
    if (shelf === undefined) return;
    const { rows, width, buffer, track } = shelf;
    const [run, place] = track.isFixed === true ? [width, width] : [length * width, this.#length * width];
    for (let row = 0; row < rows; row++) {
      buffer.set(source.subarray(row * run, (row + 1) * run), (group * rows + row) * place);
    }
  }

  /** Puts one token's `[heads · 64]`, which starts at `from` of `source`, into a cell of a group. */
  store(index: number, group: number, cell: number, source: Float32Array, from: number): void {
    const shelf = this.#shelves[index];
    if (shelf === undefined) return;
    const { rows, width, buffer } = shelf;
    for (let row = 0; row < rows; row++) {
      const to = ((group * rows + row) * this.#length + cell) * width;
      buffer.set(source.subarray(from + row * width, from + (row + 1) * width), to);
    }
  }

  /** Groups `first` to `first + groups` of every track by its name, as views. */
  tensors(first: number, groups: number): Readonly<Record<string, Tensor>> {
    if (this.#views?.first !== first || this.#views.groups !== groups) {
      this.#views = { first, groups, tensors: this.#viewsOf(first, groups) };
    }
    return this.#views.tensors;
  }

  #viewsOf(first: number, groups: number): Record<string, Tensor> {
    return Object.fromEntries(
      this.#shelves.map((shelf) => {
        const size = this.#size(shelf);
        const { track, buffer } = shelf;
        const data = buffer.subarray(first * size, (first + groups) * size);
        return [track.name, trackTensor(track, data, [groups, ...trackDims(track, this.#length)])] as const;
      }),
    );
  }
}

/** Moves `rows` runs that lie `before` apart to lie `after` apart, last first when they move up, so that none is overwritten. */
function relay(buffer: TrackData, rows: number, before: number, after: number): void {
  const kept = Math.min(before, after);
  for (let i = 0; i < rows; i++) {
    const row = after > before ? rows - 1 - i : i;
    buffer.copyWithin(row * after, row * before, row * before + kept);
  }
}
