import type { BlockCodec } from '../pcm.ts';

/**
 * GSM 06.10 full rate (ETSI ETS 300 961), decoded with its 16 bit arithmetic. WAV packs two frames of 260 bits into 65
 * bytes, the low bits first (`WAVE_FORMAT_GSM610`).
 */
const BLOCK_BYTES = 65;
const FRAME_SAMPLES = 160;
const FRAMES_PER_BLOCK = 2;
const SUBFRAMES = 4;
const SUBFRAME_SAMPLES = 40;
const MIN_LAG = 40;
const MAX_LAG = 120;

/** Of each log area ratio: its bits, least code, offset B, and inverse of A (table 4.1 and 4.2). */
const AREA_RATIOS: readonly (readonly [number, number, number, number])[] = [
  [6, -32, 0, 13_107],
  [6, -32, 0, 13_107],
  [5, -16, 2_048, 13_107],
  [5, -16, -2_560, 13_107],
  [4, -8, 94, 19_223],
  [4, -8, -1_792, 17_476],
  [3, -4, -341, 31_454],
  [3, -4, -1_144, 29_708],
];
/** Long term gains (table 4.3b) and normalised block maxima (table 4.6). */
const GAINS = [3_277, 11_469, 21_299, 32_767];
const MAXIMA = [18_431, 20_479, 22_527, 24_575, 26_623, 28_671, 30_719, 32_767];
const PULSES = 13;
/** Of the de-emphasis, 0.86. */
const DE_EMPHASIS = 28_180;
/** First samples of a frame that use each mix of the last and the present ratios, in quarters of the present. */
const MIXES: readonly (readonly [number, number, number])[] = [
  [0, 13, 1],
  [13, 27, 2],
  [27, 40, 3],
  [40, FRAME_SAMPLES, 4],
];

/** A fresh decoder; it carries its filters' state from block to block. */
export function gsmCodec(): BlockCodec {
  /** Excitation: the last 120 samples, then the 40 of the subframe at work. */
  const excitation = new Int16Array(MAX_LAG + SUBFRAME_SAMPLES);
  const filter = new Int16Array(AREA_RATIOS.length + 1);
  let ratios = new Int16Array(AREA_RATIOS.length);
  let lag = MIN_LAG;
  let emphasis = 0;

  function decodeFrame(read: (bits: number) => number, out: Float32Array, from: number): void {
    const present = Int16Array.from(AREA_RATIOS, ([bits, least, offset, inverse]) => {
      const ratio = multiply(inverse, saturate(((read(bits) + least) << 10) - offset * 2));
      return saturate(ratio * 2);
    });
    const residual = new Int16Array(FRAME_SAMPLES);
    for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
      decodeSubframe(read);
      residual.set(excitation.subarray(MAX_LAG), subframe * SUBFRAME_SAMPLES);
      excitation.copyWithin(0, SUBFRAME_SAMPLES);
    }
    for (const [start, end, quarters] of MIXES) {
      const reflections = present.map((ratio, i) => reflection(mix(ratios[i] ?? 0, ratio, quarters)));
      for (let k = start; k < end; k++) {
        const sample = synthesise(residual[k] ?? 0, reflections);
        emphasis = saturate(sample + multiply(emphasis, DE_EMPHASIS));
        out[from + k] = (saturate(emphasis * 2) & ~7) / 32_768;
      }
    }
    ratios = present;
  }

  /** Long term prediction plus the pulses on their grid, into the end of `excitation`. */
  function decodeSubframe(read: (bits: number) => number): void {
    const stated = read(7);
    if (stated >= MIN_LAG && stated <= MAX_LAG) lag = stated;
    const gain = GAINS[read(2)] ?? 0;
    const grid = read(2);
    const pulses = readPulses(read);
    for (let k = 0; k < SUBFRAME_SAMPLES; k++) {
      const place = k - grid;
      const pulse = place >= 0 && place % 3 === 0 ? (pulses[place / 3] ?? 0) : 0;
      excitation[MAX_LAG + k] = saturate(pulse + multiply(gain, excitation[MAX_LAG + k - lag] ?? 0));
    }
  }

  /** One sample through the lattice of the short term filter. */
  function synthesise(input: number, reflections: Int16Array): number {
    let value = input;
    for (let i = AREA_RATIOS.length - 1; i >= 0; i--) {
      const factor = reflections[i] ?? 0;
      const state = filter[i] ?? 0;
      value = saturate(value - multiply(factor, state));
      filter[i + 1] = saturate(state + multiply(factor, value));
    }
    filter[0] = value;
    return value;
  }

  return {
    blockBytes: BLOCK_BYTES,
    blockFrames: FRAMES_PER_BLOCK * FRAME_SAMPLES,
    decodesPart: false,
    decode(bytes) {
      const frames = Math.floor(bytes.length / BLOCK_BYTES) * FRAMES_PER_BLOCK;
      const out = new Float32Array(frames * FRAME_SAMPLES);
      const read = bitReader(bytes);
      for (let frame = 0; frame < frames; frame++) decodeFrame(read, out, frame * FRAME_SAMPLES);
      return [out];
    },
  };
}

/** Thirteen pulses by the block's maximum, of which exponent and mantissa are kept (4.2.15, 4.2.16). */
function readPulses(read: (bits: number) => number): readonly number[] {
  const code = read(6);
  let exponent = code > 15 ? (code >> 3) - 1 : 0;
  let mantissa = code - (exponent << 3);
  if (mantissa === 0) {
    exponent = -4;
    mantissa = 7;
  } else {
    while (mantissa <= 7) {
      mantissa = (mantissa << 1) | 1;
      exponent--;
    }
    mantissa -= 8;
  }
  const shift = 6 - exponent;
  const half = shift > 0 ? 1 << (shift - 1) : 0;
  const factor = MAXIMA[mantissa] ?? 0;
  return Array.from({ length: PULSES }, () => saturate(multiply(factor, ((read(3) << 1) - 7) << 12) + half) >> shift);
}

function mix(last: number, present: number, quarters: number): number {
  if (quarters === 1) return saturate((last >> 2) + (present >> 2) + (last >> 1));
  if (quarters === 2) return saturate((last >> 1) + (present >> 1));
  if (quarters === 3) return saturate((last >> 2) + (present >> 2) + (present >> 1));
  return present;
}

/** From log area ratio to reflection coefficient, by three straight pieces (4.2.9.2). */
function reflection(ratio: number): number {
  const size = Math.min(32_767, Math.abs(ratio));
  const value = size < 11_059 ? size << 1 : size < 20_070 ? size + 11_059 : saturate((size >> 2) + 26_112);
  return ratio < 0 ? -value : value;
}

/** Product of two fractions of 15 bits, rounded. */
function multiply(a: number, b: number): number {
  return saturate((a * b + 16_384) >> 15);
}

function saturate(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

function bitReader(bytes: Uint8Array): (bits: number) => number {
  let at = 0;
  let held = 0;
  let count = 0;
  return (bits) => {
    while (count < bits) {
      held |= (bytes[at++] ?? 0) << count;
      count += 8;
    }
    const value = held & ((1 << bits) - 1);
    held >>>= bits;
    count -= bits;
    return value;
  };
}
