/** ggml's tensor types, how many bytes they take, and how they become f32 (layouts: ggml's `ggml-common.h`). */
import { floatsFromF16, floatsFromF32, halfToFloat } from './float-codecs.ts';

/** Values that share a scale in every quantised type here. */
const BLOCK = 32;

export interface GgmlType {
  readonly name: 'f32' | 'f16' | 'q4_0' | 'q4_1' | 'q5_0' | 'q5_1' | 'q8_0';
  /** Values a block, 1 for plain floats: rows are whole blocks. */
  readonly block: number;
  readonly bytesPerBlock: number;
  /** @param bytes whole blocks, little-endian. @param into as many values as the blocks hold. */
  dequantise(bytes: Uint8Array, into: Float32Array): void;
}

const halfAt = (bytes: Uint8Array, at: number): number => halfToFloat((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8));

/** d (f16), 32 signed bytes: x = d q */
function q8(bytes: Uint8Array, into: Float32Array): void {
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let from = 0, to = 0; to < into.length; from += 34, to += BLOCK) {
    const scale = halfAt(bytes, from);
    for (let i = 0; i < BLOCK; i++) into[to + i] = scale * (signed[from + 2 + i] ?? 0);
  }
}

/** d (f16) [, m (f16)], 16 bytes: low nibbles are values 0 to 15, high ones 16 to 31. x = d (q - 8), or d q + m */
function q4(withMinimum: boolean): GgmlType['dequantise'] {
  const head = withMinimum ? 4 : 2;
  return (bytes, into) => {
    for (let from = 0, to = 0; to < into.length; from += head + 16, to += BLOCK) {
      const scale = halfAt(bytes, from);
      const base = withMinimum ? halfAt(bytes, from + 2) : -8 * scale;
      for (let i = 0; i < 16; i++) {
        const pair = bytes[from + head + i] ?? 0;
        into[to + i] = scale * (pair & 15) + base;
        into[to + 16 + i] = scale * (pair >> 4) + base;
      }
    }
  };
}

/** d (f16) [, m (f16)], 32 fifth bits, 16 bytes of nibbles as in q4. x = d (q - 16), or d q + m */
function q5(withMinimum: boolean): GgmlType['dequantise'] {
  const head = withMinimum ? 4 : 2;
  return (bytes, into) => {
    for (let from = 0, to = 0; to < into.length; from += head + 20, to += BLOCK) {
      const scale = halfAt(bytes, from);
      const base = withMinimum ? halfAt(bytes, from + 2) : -16 * scale;
      const fifth = from + head;
      const bits =
        (bytes[fifth] ?? 0) |
        ((bytes[fifth + 1] ?? 0) << 8) |
        ((bytes[fifth + 2] ?? 0) << 16) |
        ((bytes[fifth + 3] ?? 0) << 24);
      for (let i = 0; i < 16; i++) {
        const pair = bytes[fifth + 4 + i] ?? 0;
        into[to + i] = scale * ((pair & 15) | (((bits >>> i) & 1) << 4)) + base;
        into[to + 16 + i] = scale * ((pair >> 4) | (((bits >>> (i + 16)) & 1) << 4)) + base;
      }
    }
  };
}

/** By the number in the file (`enum ggml_type`). */
export const GGML_TYPES: ReadonlyMap<number, GgmlType> = new Map<number, GgmlType>([
  [0, { name: 'f32', block: 1, bytesPerBlock: 4, dequantise: floatsFromF32 }],
  [1, { name: 'f16', block: 1, bytesPerBlock: 2, dequantise: floatsFromF16 }],
  [2, { name: 'q4_0', block: BLOCK, bytesPerBlock: 18, dequantise: q4(false) }],
  [3, { name: 'q4_1', block: BLOCK, bytesPerBlock: 20, dequantise: q4(true) }],
  [6, { name: 'q5_0', block: BLOCK, bytesPerBlock: 22, dequantise: q5(false) }],
  [7, { name: 'q5_1', block: BLOCK, bytesPerBlock: 24, dequantise: q5(true) }],
  [8, { name: 'q8_0', block: BLOCK, bytesPerBlock: 34, dequantise: q8 }],
]);
