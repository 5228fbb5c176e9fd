import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floatToHalf, quantise, type MadeType } from '../testing/ggml-quantise.ts';
import { floatsFromBf16, halfToFloat } from './float-codecs.ts';
import { GGML_TYPES } from './ggml-types.ts';

const typeNamed = (name: MadeType) => {
  const type = [...GGML_TYPES.values()].find((candidate) => candidate.name === name);
  if (type === undefined) throw new Error(name);
  return type;
};

/** What value `index` of one block is, straight from the definition of its type. */
function plainValue(name: string, block: Uint8Array, index: number): number {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const half = (at: number): number => halfToFloat(view.getUint16(at, true));
  if (name === 'q8_0') return half(0) * view.getInt8(2 + index);
  const head = name.endsWith('_1') ? 4 : 2;
  const five = name.startsWith('q5');
  const fifth = five ? Number((BigInt(view.getUint32(head, true)) >> BigInt(index)) & 1n) : 0;
  const byte = view.getUint8(head + (five ? 4 : 0) + (index % 16));
  const level = 16 * fifth + (index < 16 ? byte % 16 : Math.floor(byte / 16));
  return name.endsWith('_1') ? half(0) * level + half(2) : half(0) * (level - (five ? 16 : 8));
}

describe.each(['q8_0', 'q5_0', 'q5_1', 'q4_0', 'q4_1'] as const)('%s', (name) => {
  const type = typeNamed(name);

  test('dequantises any bytes as its definition says', () => {
    const bytes = fc.uint8Array({ minLength: 3 * type.bytesPerBlock, maxLength: 3 * type.bytesPerBlock });
    fc.assert(
      fc.property(bytes, (blocks) => {
        const values = new Float32Array(96);
        type.dequantise(blocks, values);
        const wrong = [...values].filter((value, at) => {
          const expected = plainValue(name, blocks.subarray(Math.floor(at / 32) * type.bytesPerBlock), at % 32);
          return Number.isFinite(expected)
            ? Math.abs(value - expected) > 1e-6 * Math.abs(expected) + 1e-2
            : Number.isFinite(value);
        });
        expect(wrong).toEqual([]);
      }),
    );
  });

  test('comes back from quantising within half a step', () => {
    const source = Float32Array.from({ length: 64 }, (_, index) => Math.sin(index * index));
    const values = new Float32Array(64);
    type.dequantise(quantise(source, name), values);
    const levels = { q8_0: 254, q5_0: 31, q5_1: 31, q4_0: 15, q4_1: 15 }[name];
    const bound = (2 / levels) * (name.endsWith('_0') ? 1.05 : 0.55);
    values.forEach((value, index) => expect(Math.abs(value - (source[index] ?? 0))).toBeLessThan(bound));
  });
});

test('every half float survives the way through f32 and back', () => {
  const lost = Array.from({ length: 65_536 }, (_, bits) => bits).filter((bits) => {
    const value = halfToFloat(bits);
    return !Number.isNaN(value) && floatToHalf(value) !== bits;
  });
  expect(lost).toEqual([]);
});

test('half floats round to the nearest, ties to even', () => {
  const near = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20, 65_519, 65_520, 2 ** -25, 3 * 2 ** -26];
  expect(near.map((value) => halfToFloat(floatToHalf(value)))).toEqual([
    1,
    1 + 2 ** -9,
    1 + 2 ** -10,
    65_504,
    Infinity,
    0,
    2 ** -24,
  ]);
});

test('brain floats are the upper half of an f32', () => {
  const values = new Float32Array(3);
  floatsFromBf16(Uint8Array.of(0x80, 0x3f, 0x49, 0xc0, 0x80, 0x7f), values);
  expect([...values]).toEqual([1, -3.140625, Infinity]);
});
