import { createBits, OutOfBits, type Bits } from './bits.ts';
import { crc16, crc8 } from './crc.ts';
import { readSubframe } from './subframe.ts';

/** What all frames of a stream share (RFC 9639 8.2). */
export interface StreamInfo {
  readonly sampleRate: number;
  readonly channels: number;
  readonly bits: number;
  /** Samples a channel; 0 when the encoder did not say. */
  readonly frames: number;
}

export type FrameResult =
  | { readonly kind: 'frame'; readonly bytes: number; readonly block: readonly Float32Array[] }
  /** The data ends inside the frame. */
  | { readonly kind: 'short' }
  /** No frame starts here, or it is damaged. */
  | { readonly kind: 'bad' };

const BAD: FrameResult = { kind: 'bad' };
/** Bits a sample by code (9.1.4); 0 stands for that of the stream, 3 for none. */
const DEPTHS = [0, 8, 12, undefined, 16, 20, 24, 32];
/** Channel assignments behind those of one to eight channels of their own (9.1.3). */
const LEFT_SIDE = 8;
const SIDE_RIGHT = 9;
const MID_SIDE = 10;

/** Decodes the frame at the start of `data` (RFC 9639 9), checked by both its checksums. */
export function decodeFrame(data: Uint8Array, info: StreamInfo): FrameResult {
  if (data[0] !== 0xff || ((data[1] ?? 0) & 0xfe) !== 0xf8) return BAD;
  try {
    return readFrame(data, createBits(data), info);
  } catch (error) {
    if (error instanceof OutOfBits) return { kind: 'short' };
    throw error;
  }
}

function readFrame(data: Uint8Array, bits: Bits, info: StreamInfo): FrameResult {
  bits.read(16);
  const sizeCode = bits.read(4);
  const rateCode = bits.read(4);
  const assignment = bits.read(4);
  const depth = DEPTHS[bits.read(3)];
  const reserved = bits.read(1);
  const number = bits.read(8);
  // The number of the frame or sample, in the way of UTF-8; as many bytes follow as ones but the first.
  const ones = Math.clz32(~(number << 24));
  if (ones === 1 || ones > 7) return BAD;
  for (let i = 1; i < ones; i++) if (bits.read(8) >> 6 !== 2) return BAD;
  const size = blockSize(sizeCode, bits);
  if (rateCode === 12) bits.read(8);
  else if (rateCode === 13 || rateCode === 14) bits.read(16);
  const head = bits.align();
  if (bits.read(8) !== crc8(data.subarray(0, head))) return BAD;

  const channels = assignment < LEFT_SIDE ? assignment + 1 : 2;
  if (size === undefined || depth === undefined || reserved !== 0 || rateCode === 15) return BAD;
  if (assignment > MID_SIDE || channels !== info.channels) return BAD;
  const sampleBits = depth === 0 ? info.bits : depth;
  const pcm: Float64Array[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const wide = assignment === SIDE_RIGHT ? channel === 0 : assignment >= LEFT_SIDE && channel === 1;
    const samples = readSubframe(bits, size, wide ? sampleBits + 1 : sampleBits);
    if (samples === undefined) return BAD;
    pcm.push(samples);
  }
  const length = bits.align();
  if (bits.read(16) !== crc16(data.subarray(0, length))) return BAD;
  separate(pcm, assignment);
  const scale = 2 ** (1 - sampleBits);
  const block = pcm.map((samples) => {
    const out = new Float32Array(size);
    for (let i = 0; i < size; i++) out[i] = (samples[i] ?? 0) * scale;
    return out;
  });
  return { kind: 'frame', bytes: length + 2, block };
}

/** Samples of the block by code (9.1.1), some of them behind the number. */
function blockSize(code: number, bits: Bits): number | undefined {
  if (code === 0) return undefined;
  if (code === 1) return 192;
  if (code <= 5) return 144 << code;
  if (code === 6) return bits.read(8) + 1;
  if (code === 7) return bits.read(16) + 1;
  return 1 << code;
}

/** From difference, or middle and difference, to left and right (4.2), in place. */
function separate(pcm: readonly Float64Array[], assignment: number): void {
  const [first, second] = pcm;
  if (assignment < LEFT_SIDE || first === undefined || second === undefined) return;
  for (let i = 0; i < first.length; i++) {
    const a = first[i] ?? 0;
    const b = second[i] ?? 0;
    if (assignment === LEFT_SIDE) second[i] = a - b;
    else if (assignment === SIDE_RIGHT) first[i] = a + b;
    else {
      // The middle lost its lowest bit, which is that of the difference.
      const middle = 2 * a + Math.abs(b % 2);
      first[i] = (middle + b) / 2;
      second[i] = (middle - b) / 2;
    }
  }
}
