import { MAX_BLOCK_FRAMES, type AudioBlock } from './audio-stream.ts';
import { A_LAW, MU_LAW } from './g711.ts';

/** How samples lie in a file, interleaved by channel. */
export type PcmEncoding =
  | { readonly kind: 'unsigned'; readonly bytes: 1 }
  | { readonly kind: 'signed'; readonly bytes: 1 | 2 | 3 | 4; readonly bigEndian: boolean }
  | { readonly kind: 'float'; readonly bytes: 4 | 8; readonly bigEndian: boolean }
  | { readonly kind: 'mu-law'; readonly bytes: 1 }
  | { readonly kind: 'a-law'; readonly bytes: 1 };

/** Turns blocks of a fixed size into samples; may carry a state from block to block. */
export interface BlockCodec {
  /** Bytes of one block, all channels. */
  readonly blockBytes: number;
  /** Samples a channel that one block holds. */
  readonly blockFrames: number;
  /**
   * @param bytes whole blocks, at most `MAX_BLOCK_FRAMES` frames of them; or, in a file's last call, also a part of one
   *   when `decodesPart` is set.
   */
  decode(bytes: Uint8Array): AudioBlock;
  /** Whether the start of a cut block is of use. */
  readonly decodesPart: boolean;
}

/** Samples a channel in so many bytes; `undefined` when those are not known. */
export function promisedFrames(codec: BlockCodec, bytes: number): number | undefined {
  return Number.isFinite(bytes) ? Math.floor(bytes / codec.blockBytes) * codec.blockFrames : undefined;
}

/** Reads one sample at a byte offset as a value in [-1, 1]. */
type ReadSample = (view: DataView, at: number) => number;

function sampleReader(encoding: PcmEncoding): ReadSample {
  switch (encoding.kind) {
    case 'unsigned':
      return (view, at) => (view.getUint8(at) - 128) / 128;
    case 'mu-law':
      return (view, at) => MU_LAW[view.getUint8(at)] ?? 0;
    case 'a-law':
      return (view, at) => A_LAW[view.getUint8(at)] ?? 0;
    case 'float': {
      const little = !encoding.bigEndian;
      if (encoding.bytes === 8) return (view, at) => view.getFloat64(at, little);
      return (view, at) => view.getFloat32(at, little);
    }
    case 'signed': {
      const little = !encoding.bigEndian;
      if (encoding.bytes === 1) return (view, at) => view.getInt8(at) / 128;
      if (encoding.bytes === 2) return (view, at) => view.getInt16(at, little) / 32_768;
      if (encoding.bytes === 4) return (view, at) => view.getInt32(at, little) / 2_147_483_648;
      const [low, high] = little ? [0, 1] : [2, 0];
      return (view, at) => ((view.getInt16(at + high, little) << 8) | view.getUint8(at + low)) / 8_388_608;
    }
  }
}

export function pcmCodec(encoding: PcmEncoding, channels: number): BlockCodec {
  const native = nativeRoom(encoding, MAX_BLOCK_FRAMES * channels);
  if (native !== undefined) return nativeCodec(native, channels);
  const read = sampleReader(encoding);
  const blockBytes = encoding.bytes * channels;
  return {
    blockBytes,
    blockFrames: 1,
    decodesPart: false,
    decode(bytes) {
      const frames = Math.min(MAX_BLOCK_FRAMES, Math.floor(bytes.length / blockBytes));
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return Array.from({ length: channels }, (_, channel) => {
        const out = new Float32Array(frames);
        for (let i = 0, at = channel * encoding.bytes; i < frames; i++, at += blockBytes) out[i] = read(view, at);
        return out;
      });
    },
  };
}

/** Samples as this machine keeps them, and what full scale is. */
interface NativeRoom {
  readonly values: Int16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  readonly fullScale: number;
}

/** Room for the most common codings, which are read five times faster so; all machines Node runs on order bytes alike. */
function nativeRoom(encoding: PcmEncoding, samples: number): NativeRoom | undefined {
  if (encoding.kind === 'signed' && encoding.bytes === 2 && !encoding.bigEndian) {
    return { values: new Int16Array(samples), fullScale: 32_768 };
  }
  if (encoding.kind === 'float' && encoding.bytes === 4 && !encoding.bigEndian) {
    return { values: new Float32Array(samples), fullScale: 1 };
  }
  return undefined;
}

function nativeCodec({ values, fullScale }: NativeRoom, channels: number): BlockCodec {
  const raw = new Uint8Array(values.buffer);
  const blockBytes = values.BYTES_PER_ELEMENT * channels;
  return {
    blockBytes,
    blockFrames: 1,
    decodesPart: false,
    decode(bytes) {
      const frames = Math.min(MAX_BLOCK_FRAMES, Math.floor(bytes.length / blockBytes));
      raw.set(bytes.subarray(0, frames * blockBytes));
      return Array.from({ length: channels }, (_, channel) => {
        const out = new Float32Array(frames);
        for (let i = 0, at = channel; i < frames; i++, at += channels) out[i] = (values[at] ?? 0) / fullScale;
        return out;
      });
    },
  };
}

/** As in `16 bit PCM`. */
export function describeEncoding(encoding: PcmEncoding): string {
  if (encoding.kind === 'mu-law') return 'mu-law';
  if (encoding.kind === 'a-law') return 'A-law';
  return `${encoding.bytes * 8} bit ${encoding.kind === 'float' ? 'float' : 'PCM'}`;
}
