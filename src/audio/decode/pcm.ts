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
  if (encoding.kind === 'signed' && encoding.bytes === 2 && !encoding.bigEndian) return pcm16Codec(channels);
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

/** By far the most common coding, five times faster than one sample at a time; all machines Node runs on order bytes so. */
function pcm16Codec(channels: number): BlockCodec {
  const aligned = new Int16Array(MAX_BLOCK_FRAMES * channels);
  const raw = new Uint8Array(aligned.buffer);
  const blockBytes = 2 * channels;
  return {
    blockBytes,
    blockFrames: 1,
    decodesPart: false,
    decode(bytes) {
      const frames = Math.min(MAX_BLOCK_FRAMES, Math.floor(bytes.length / blockBytes));
      raw.set(bytes.subarray(0, frames * blockBytes));
      return Array.from({ length: channels }, (_, channel) => {
        const out = new Float32Array(frames);
        for (let i = 0, at = channel; i < frames; i++, at += channels) out[i] = (aligned[at] ?? 0) / 32_768;
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
