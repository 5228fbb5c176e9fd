/** Encoders into ggml's tensor types: plain, one value at a time, as the format's definitions read. */

const BLOCK = 32;

export type MadeType = 'f32' | 'f16' | 'q4_0' | 'q4_1' | 'q5_0' | 'q5_1' | 'q8_0';
/** `enum ggml_type`, and whisper.cpp's `ftype` of a file that is mostly of this type (version 2 of the blocks). */
export const TYPE_NUMBERS: Readonly<Record<MadeType, { readonly tensor: number; readonly file: number }>> = {
  f32: { tensor: 0, file: 0 },
  f16: { tensor: 1, file: 1 },
  q4_0: { tensor: 2, file: 2002 },
  q4_1: { tensor: 3, file: 2003 },
  q8_0: { tensor: 8, file: 2007 },
  q5_0: { tensor: 6, file: 2008 },
  q5_1: { tensor: 7, file: 2009 },
};

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** An f32 rounded to the nearest binary16, ties to even; too large becomes infinite. */
export function floatToHalf(value: number): number {
  single[0] = value;
  const bits = singleBits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return 0x7e00;
  if (size >= 0x477ff000) return sign | 0x7c00;
  const exponent = size >>> 23;
  // Below 2^-14 halves have no leading one of their own: shift it in.
  const shift = exponent < 113 ? 126 - exponent : 13;
  if (shift > 24) return sign;
  const fraction = exponent < 113 ? (size & 0x7fffff) | 0x800000 : size - (112 << 23);
  const floor = fraction >>> shift;
  const over = fraction & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return sign | (floor + (over > middle || (over === middle && (floor & 1) === 1) ? 1 : 0));
}

/** Binary16 values, little-endian. */
export function halves(data: Float32Array): Uint8Array {
  const bits = new Uint16Array(data.length);
  for (let index = 0; index < data.length; index++) bits[index] = floatToHalf(data[index] ?? 0);
  return new Uint8Array(bits.buffer);
}

/** The bytes of `data` in a type; quantised types need whole blocks of 32. */
export function quantise(data: Float32Array, type: MadeType): Uint8Array {
  if (type === 'f32') return new Uint8Array(Float32Array.from(data).buffer);
  if (type === 'f16') return halves(data);
  const blocks: number[] = [];
  for (let from = 0; from < data.length; from += BLOCK) {
    for (const byte of quantiseBlock([...data.subarray(from, from + BLOCK)], type)) blocks.push(byte);
  }
  return Uint8Array.from(blocks);
}

function quantiseBlock(values: readonly number[], type: Exclude<MadeType, 'f32' | 'f16'>): number[] {
  if (type === 'q8_0') {
    const scale = Math.max(...values.map(Math.abs)) / 127;
    return [...half(scale), ...values.map((value) => steps(value, scale) & 255)];
  }
  const bits = type.startsWith('q4') ? 4 : 5;
  const [head, levels] = type.endsWith('_0') ? symmetric(values, bits) : offset(values, bits);
  return [...head, ...(bits === 5 ? fifthBits(levels) : []), ...nibbles(levels)];
}

/** x = d (q - half): the value farthest from zero is at the lowest level. */
function symmetric(values: readonly number[], bits: number): [number[], number[]] {
  const middle = 2 ** (bits - 1);
  const farthest = values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  const scale = farthest / -middle;
  return [half(scale), values.map((value) => clamp(steps(value, scale) + middle, 2 * middle - 1))];
}

/** x = d q + m */
function offset(values: readonly number[], bits: number): [number[], number[]] {
  const [low, top] = [Math.min(...values), 2 ** bits - 1];
  const scale = (Math.max(...values) - low) / top;
  return [[...half(scale), ...half(low)], values.map((value) => clamp(steps(value - low, scale), top))];
}

const steps = (value: number, scale: number): number => (scale === 0 ? 0 : Math.round(value / scale));
const clamp = (level: number, top: number): number => Math.min(top, Math.max(0, level));

function half(value: number): number[] {
  const bits = floatToHalf(value);
  return [bits & 255, bits >> 8];
}

function fifthBits(levels: readonly number[]): number[] {
  return [0, 8, 16, 24].map((from) =>
    levels.slice(from, from + 8).reduce((byte, level, bit) => byte | ((level >> 4) << bit), 0),
  );
}

function nibbles(levels: readonly number[]): number[] {
  return levels.slice(0, 16).map((low, index) => (low & 15) | (((levels[16 + index] ?? 0) & 15) << 4));
}
