import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupMemory } from './group-memory.ts';

const HEADS = 2;
const WIDTH = 4;
const shape = {
  mels: 80,
  vocabulary: 100,
  audioContext: 1500,
  audioState: 8,
  audioHeads: 2,
  audioLayers: 1,
  textContext: 448,
  textState: HEADS * WIDTH,
  textHeads: HEADS,
  textLayers: 1,
};
const CAPACITY = 3;
const MOST = 80;

/** A window whose values all differ, from `mark` on. */
const window = (mark: number, positions: number): Float32Array =>
  Float32Array.from({ length: HEADS * positions * WIDTH }, (_, i) => mark * 1000 + i);

/** What a group holds, as `[heads, positions, width]`, cut to the window's own length. */
function held(memory: GroupMemory, group: number, positions: number): number[] {
  const data = Array.from(memory.tensor(0, group, 1).data, Number);
  return Array.from({ length: HEADS }, (_, head) => {
    const from = head * memory.length * WIDTH;
    return data.slice(from, from + positions * WIDTH);
  }).flat();
}

describe('GroupMemory', () => {
  it('keeps what every group holds through any change of length that leaves it room', () => {
    const windows = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: CAPACITY });
    const lengths = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 });
    fc.assert(
      fc.property(windows, lengths, (sizes, extra) => {
        const longest = Math.max(...sizes);
        const memory = new GroupMemory(shape, CAPACITY, longest, MOST);
        sizes.forEach((positions, group) => memory.fill(0, group, window(group + 1, positions), positions));
        for (const more of extra) {
          memory.resize(longest + more, sizes.length);
          sizes.forEach((positions, group) => {
            expect(held(memory, group, positions)).toEqual(Array.from(window(group + 1, positions)));
          });
        }
      }),
    );
  });

  it('forgets nothing of the first groups when it shrinks below what others held', () => {
    const memory = new GroupMemory(shape, CAPACITY, 20, MOST);
    memory.fill(0, 0, window(1, 5), 5);
    memory.fill(0, 1, window(2, 20), 20);
    memory.resize(5, 1);
    expect(held(memory, 0, 5)).toEqual(Array.from(window(1, 5)));
  });

  it('moves a group to where another stood', () => {
    const memory = new GroupMemory(shape, CAPACITY, 6, MOST);
    memory.fill(0, 2, window(3, 6), 6);
    memory.move(2, 0);
    expect(held(memory, 0, 6)).toEqual(Array.from(window(3, 6)));
  });

  it('puts one token into the cell of every head', () => {
    const memory = new GroupMemory(shape, CAPACITY, 6, MOST);
    memory.store(0, 1, 2, window(7, 1), 0);
    expect(held(memory, 1, 3)).toEqual(
      Array.from({ length: HEADS }, (_, head) => [
        ...Array.from({ length: 2 * WIDTH }, () => 0),
        ...window(7, 1).subarray(head * WIDTH, (head + 1) * WIDTH),
      ]).flat(),
    );
  });
});
