/** Head of a frame of MPEG audio (ISO 11172-3 2.4.1.3, ISO 13818-3 for the lower rates; 2.5 by custom). */
export interface MpegFrame {
  readonly at: number;
  readonly layer: 1 | 2 | 3;
  readonly channels: 1 | 2;
  readonly sampleRate: number;
  /** Samples a channel. */
  readonly frames: number;
  /** Length in bytes; 0 for the free format, which does not say. */
  readonly bytes: number;
}

const SAMPLE_RATES = [44_100, 48_000, 32_000];
/** kbit/s by index, for version 1 layers I, II and III, and the lower rates' layer I and layers II and III. */
const BIT_RATES_1: readonly (readonly number[])[] = [
  [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
];
const BIT_RATES_2: readonly (readonly number[])[] = [
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/** The frame whose head stands at `at`, if one does. */
function readMpegFrame(bytes: Uint8Array, at: number): MpegFrame | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at, at + 4);
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  const version = (second >> 3) & 3;
  const layer = layerOf((second >> 1) & 3);
  const rate = SAMPLE_RATES[(third >> 2) & 3];
  if (version === 1 || layer === undefined || rate === undefined) return undefined;
  const kilobits = (version === 3 ? BIT_RATES_1 : BIT_RATES_2)[layer - 1]?.[third >> 4];
  if (kilobits === undefined) return undefined;
  const sampleRate = version === 3 ? rate : version === 2 ? rate / 2 : rate / 4;
  const padding = (third >> 1) & 1;
  const slots = layer === 3 && version !== 3 ? 72 : 144;
  const bytesOf =
    layer === 1
      ? (Math.floor((12_000 * kilobits) / sampleRate) + padding) * 4
      : Math.floor((slots * 1_000 * kilobits) / sampleRate) + padding;
  const frames = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1_152;
  return { at, layer, channels: fourth >> 6 === 3 ? 1 : 2, sampleRate, frames, bytes: kilobits === 0 ? 0 : bytesOf };
}

/** The first frame that another of its kind follows, or that is all there is. */
export function findMpegFrame(bytes: Uint8Array): MpegFrame | undefined {
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const frame = readMpegFrame(bytes, at);
    if (frame === undefined) continue;
    const after = at + frame.bytes;
    if (at === 0 && (frame.bytes === 0 || after + 4 > bytes.length)) return frame;
    const next = readMpegFrame(bytes, after);
    if (next?.layer === frame.layer && next.sampleRate === frame.sampleRate) return frame;
  }
  return undefined;
}

/**
 * Samples that a first frame promises, when it holds no sound but the head that Xing thought of and LAME writes: behind
 * the side information, a name, flags, and the number of frames if the lowest flag is set.
 */
export function readPromisedFrames(bytes: Uint8Array, frame: MpegFrame): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lower = frame.frames === 576;
  const side = frame.channels === 1 ? (lower ? 9 : 17) : lower ? 17 : 32;
  const at = frame.at + 4 + side;
  if (frame.layer !== 3 || at + 12 > bytes.length) return undefined;
  const name = String.fromCharCode(...bytes.subarray(at, at + 4));
  if ((name !== 'Xing' && name !== 'Info') || (view.getUint32(at + 4) & 1) === 0) return undefined;
  return view.getUint32(at + 8) * frame.frames;
}

function layerOf(bits: number): 1 | 2 | 3 | undefined {
  if (bits === 3) return 1;
  if (bits === 2) return 2;
  return bits === 1 ? 3 : undefined;
}
