import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossTracks, pastTracks, type Track } from '../graph/memory-layout.ts';
import { GroupMemory } from './group-memory.ts';
import { trackData, trackSize, type TrackData } from './track-data.ts';

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

/** What a window has of a track: values that differ as far as their type can tell. */
function window(track: Track, mark: number, positions: number): TrackData {
  return trackData(track, trackSize(track, positions)).map((_, i) => ((mark * 1009 + i) % 251) - 125);
}

const product = (dims: readonly number[]): number => dims.reduce((all, dim) => all * dim, 1);

/** What a group holds of a track, cut to the window's own length. */
function held(memory: GroupMemory, track: Track, group: number, positions: number): number[] {
  const data = Array.from(memory.tensors(group, 1)[track.name]?.data ?? [], Number);
  const [stored, wanted] = track.isFixed === true ? [1, 1] : [memory.length, positions];
  const width = product(track.after);
  return Array.from({ length: product(track.before) }, (_, row) =>
    data.slice(row * stored * width, (row * stored + wanted) * width),
  ).flat();
}

const layouts: readonly (readonly [string, readonly Track[]])[] = [
  ['f32', crossTracks(shape, 'f32')],
  ['int8', crossTracks(shape, 'int8')],
];

describe.each(layouts)('GroupMemory of %s windows', (_, tracks) => {
  const fill = (memory: GroupMemory, group: number, mark: number, positions: number): void =>
    tracks.forEach((track, index) => memory.fill(index, group, window(track, mark, positions), positions));
  /** What a group holds, and what it should. */
  const both = (memory: GroupMemory, group: number, mark: number, positions: number): [unknown, unknown] => [
    tracks.map((track) => held(memory, track, group, positions)),
    tracks.map((track) => Array.from(window(track, mark, positions))),
  ];

  it('keeps what every group holds through any change of length that leaves it room', () => {
    const windows = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: CAPACITY });
    const lengths = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 });
    fc.assert(
      fc.property(windows, lengths, (sizes, extra) => {
        const longest = Math.max(...sizes);
        const memory = new GroupMemory(tracks, CAPACITY, longest, MOST);
        sizes.forEach((positions, group) => fill(memory, group, group + 1, positions));
        for (const more of extra) {
          memory.resize(longest + more, sizes.length);
          sizes.forEach((positions, group) => {
            const [found, wanted] = both(memory, group, group + 1, positions);
            expect(found).toEqual(wanted);
          });
        }
      }),
    );
  });

  it('forgets nothing of the first groups when it shrinks below what others held', () => {
    const memory = new GroupMemory(tracks, CAPACITY, 20, MOST);
    fill(memory, 0, 1, 5);
    fill(memory, 1, 2, 20);
    memory.resize(5, 1);
    const [found, wanted] = both(memory, 0, 1, 5);
    expect(found).toEqual(wanted);
  });

  it('moves a group to where another stood', () => {
    const memory = new GroupMemory(tracks, CAPACITY, 6, MOST);
    fill(memory, 2, 3, 6);
    memory.move(2, 0);
    const [found, wanted] = both(memory, 0, 3, 6);
    expect(found).toEqual(wanted);
  });

  it('hands over each track as one tensor of the groups that are asked for', () => {
    const memory = new GroupMemory(tracks, CAPACITY, 6, MOST);
    fill(memory, 1, 4, 6);
    for (const track of tracks) {
      const tensor = memory.tensors(1, 2)[track.name];
      expect(tensor?.dims).toEqual([2, ...track.before, track.isFixed === true ? 1 : 6, ...track.after]);
      expect(tensor?.type).toBe(track.type);
    }
  });
});

it('GroupMemory puts one token into the cell of every head', () => {
  const tracks = pastTracks(shape);
  const [keys] = tracks;
  if (keys === undefined) throw new Error('no track');
  const memory = new GroupMemory(tracks, CAPACITY, 6, MOST);
  const token = Float32Array.from({ length: HEADS * WIDTH }, (_, i) => i + 1);
  memory.store(0, 1, 2, token, 0);
  expect(held(memory, keys, 1, 3)).toEqual(
    Array.from({ length: HEADS }, (_, head) => [
      ...Array.from({ length: 2 * WIDTH }, () => 0),
      ...token.subarray(head * WIDTH, (head + 1) * WIDTH),
    ]).flat(),
  );
});
