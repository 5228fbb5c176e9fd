import type { AudioBlock } from '../audio-stream.ts';
import type { BlockCodec } from '../pcm.ts';

/** Longest block that is believed: sixteen times what encoders write for eight channels. */
export const MAX_ADPCM_BLOCK_BYTES = 65_536;

/** Step sizes and index changes of IMA ADPCM (Interactive Multimedia Association, 1992). */
const IMA_STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118,
  130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1_060,
  1_166, 1_282, 1_411, 1_552, 1_707, 1_878, 2_066, 2_272, 2_499, 2_749, 3_024, 3_327, 3_660, 4_026, 4_428, 4_871, 5_358,
  5_894, 6_484, 7_132, 7_845, 8_630, 9_493, 10_442, 11_487, 12_635, 13_899, 15_289, 16_818, 18_500, 20_350, 22_385,
  24_623, 27_086, 29_794, 32_767,
];
const IMA_CHANGES = [-1, -1, -1, -1, 2, 4, 6, 8];

/** Scale changes and the first seven predictors of Microsoft ADPCM (mmreg.h), in 256ths. */
const MS_CHANGES = [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];
const MS_PREDICTORS: readonly (readonly [number, number])[] = [
  [256, 0],
  [512, -256],
  [0, 0],
  [192, 64],
  [240, 0],
  [460, -208],
  [392, -232],
];
const MS_MIN_SCALE = 16;

/**
 * IMA ADPCM as WAV holds it: a block starts with four bytes a channel (first sample, step index), then four bytes, eight
 * samples, of each channel in turn.
 */
export function imaAdpcmCodec(channels: number, blockBytes: number): BlockCodec {
  const head = 4 * channels;
  const framesIn = (bytes: number): number => (bytes < head ? 0 : 1 + 8 * Math.floor((bytes - head) / head));
  return {
    blockBytes,
    blockFrames: framesIn(blockBytes),
    decodesPart: true,
    decode: (bytes) => decodeBlocks(bytes, { channels, blockBytes, framesIn, decodeBlock: decodeImaBlock }),
  };
}

function decodeImaBlock(bytes: DataView, out: AudioBlock, from: number): void {
  const channels = out.length;
  const frames = 1 + 8 * Math.floor((bytes.byteLength - 4 * channels) / (4 * channels));
  for (const [channel, samples] of out.entries()) {
    let value = bytes.getInt16(4 * channel, true);
    let index = Math.min(bytes.getUint8(4 * channel + 2), IMA_STEPS.length - 1);
    samples[from] = value / 32_768;
    for (let i = 0; i < frames - 1; i++) {
      const at = 4 * (channels * (1 + (i >> 3)) + channel) + ((i & 7) >> 1);
      const code = (bytes.getUint8(at) >> (4 * (i & 1))) & 15;
      const step = IMA_STEPS[index] ?? 0;
      const size = (step >> 3) + (code & 1 ? step >> 2 : 0) + (code & 2 ? step >> 1 : 0) + (code & 4 ? step : 0);
      value = clamp16(code & 8 ? value - size : value + size);
      index = Math.max(0, Math.min(IMA_STEPS.length - 1, index + (IMA_CHANGES[code & 7] ?? 0)));
      samples[from + 1 + i] = value / 32_768;
    }
  }
}

/**
 * Microsoft ADPCM: a block starts with predictor, scale and two samples a channel, then four bits a sample, channels in
 * turn, the high half of a byte first.
 *
 * @param predictors pairs that the header names; the standard's when it names none.
 */
export function msAdpcmCodec(
  channels: number,
  blockBytes: number,
  predictors: readonly (readonly [number, number])[],
): BlockCodec {
  const head = 7 * channels;
  const framesIn = (bytes: number): number => (bytes < head ? 0 : 2 + Math.floor(((bytes - head) * 2) / channels));
  const pairs = predictors.length > 0 ? predictors : MS_PREDICTORS;
  return {
    blockBytes,
    blockFrames: framesIn(blockBytes),
    decodesPart: true,
    decode: (bytes) =>
      decodeBlocks(bytes, {
        channels,
        blockBytes,
        framesIn,
        decodeBlock: (block, out, from) => decodeMsBlock(block, out, from, pairs),
      }),
  };
}

function decodeMsBlock(
  bytes: DataView,
  out: AudioBlock,
  from: number,
  predictors: readonly (readonly [number, number])[],
): void {
  const channels = out.length;
  const frames = 2 + Math.floor(((bytes.byteLength - 7 * channels) * 2) / channels);
  for (const [channel, samples] of out.entries()) {
    const [near, far] = predictors[bytes.getUint8(channel)] ?? [256, 0];
    let scale = bytes.getInt16(channels + 2 * channel, true);
    let last = bytes.getInt16(3 * channels + 2 * channel, true);
    let before = bytes.getInt16(5 * channels + 2 * channel, true);
    samples[from] = before / 32_768;
    samples[from + 1] = last / 32_768;
    for (let i = 2; i < frames; i++) {
      const nibble = (i - 2) * channels + channel;
      const code = (bytes.getUint8(7 * channels + (nibble >> 1)) >> (nibble & 1 ? 0 : 4)) & 15;
      const value = clamp16(((last * near + before * far) >> 8) + (code & 8 ? code - 16 : code) * scale);
      scale = Math.max(MS_MIN_SCALE, Math.min(0x7fff, ((MS_CHANGES[code] ?? 0) * scale) >> 8));
      before = last;
      last = value;
      samples[from + i] = value / 32_768;
    }
  }
}

interface BlockLayout {
  readonly channels: number;
  readonly blockBytes: number;
  readonly framesIn: (bytes: number) => number;
  readonly decodeBlock: (bytes: DataView, out: AudioBlock, from: number) => void;
}

function decodeBlocks(bytes: Uint8Array, { channels, blockBytes, framesIn, decodeBlock }: BlockLayout): AudioBlock {
  const whole = Math.floor(bytes.length / blockBytes);
  const frames = whole * framesIn(blockBytes) + framesIn(bytes.length - whole * blockBytes);
  const out = Array.from({ length: channels }, () => new Float32Array(frames));
  let filled = 0;
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const length = Math.min(blockBytes, bytes.length - at);
    if (framesIn(length) === 0) break;
    decodeBlock(new DataView(bytes.buffer, bytes.byteOffset + at, length), out, filled);
    filled += framesIn(length);
  }
  return out;
}

function clamp16(value: number): number {
  return Math.max(-32_768, Math.min(32_767, value));
}
