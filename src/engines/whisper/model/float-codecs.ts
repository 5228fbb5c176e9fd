/** Little-endian floats of 32 and 16 bits (IEEE 754 binary32 and binary16, bfloat16) to f32. */
import { endianness } from 'node:os';

const TABLE_SIZE = 65_536;

/** Every binary16 value by its bits: 256 KiB, built on first use. */
function buildTable(): Float32Array {
  const table = new Float32Array(TABLE_SIZE);
  for (let bits = 0; bits < TABLE_SIZE; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else if (exponent === 31) table[bits] = fraction === 0 ? sign * Infinity : NaN;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return table;
}

let shared: Float32Array | undefined;
const table = (): Float32Array => (shared ??= buildTable());

/** One binary16 value from its bits. */
export function halfToFloat(bits: number): number {
  return table()[bits] ?? NaN;
}

/** Little-endian binary32 values: a copy on nearly every machine. @param into as many values as there are bytes / 4. */
export function floatsFromF32(bytes: Uint8Array, into: Float32Array): void {
  const target = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  target.set(bytes.subarray(0, target.length));
  if (endianness() === 'BE') Buffer.from(into.buffer, into.byteOffset, into.byteLength).swap32();
}

/** Little-endian binary16 values. @param into as many values as there are byte pairs. */
export function floatsFromF16(bytes: Uint8Array, into: Float32Array): void {
  const values = table();
  for (let i = 0; i < into.length; i++) {
    into[i] = values[(bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8)] ?? NaN;
  }
}

/** Little-endian bfloat16 values: the upper half of an f32. @param into as many values as there are byte pairs. */
export function floatsFromBf16(bytes: Uint8Array, into: Float32Array): void {
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < into.length; i++) bits[i] = ((bytes[2 * i] ?? 0) << 16) | ((bytes[2 * i + 1] ?? 0) << 24);
}
