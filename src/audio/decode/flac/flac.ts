import { ScriptoriumError } from '../../../core/index.ts';
import { checkShape, truncated, type AudioBlock, type AudioStream, type DecodeContext } from '../audio-stream.ts';
import type { ByteReader } from '../byte-reader.ts';
import { upToEnd } from '../up-to-end.ts';
import { decodeFrame, type StreamInfo } from './frame.ts';

/** Bytes looked at for a frame; twice the last frame, and doubled while they are too few. */
const FIRST_LOOK_BYTES = 16_384;
/** Longest frame that is believed: 65,536 samples of eight channels as they are, and its head. */
const MAX_FRAME_BYTES = 65_536 * 8 * 4 + 1_024;
/** Length of the block that comes first (RFC 9639 8.2). */
const INFO_BYTES = 34;

/** Decodes native FLAC (RFC 9639), one frame at a time. Damaged frames are left out. */
export async function openFlac(reader: ByteReader, context: DecodeContext): Promise<AudioStream> {
  const { name } = context;
  const info = await readHead(reader);
  if (info === undefined) throw new ScriptoriumError('audio-damaged', `${name} is a FLAC file that ends in its header`);
  checkShape(name, 'FLAC', info.channels, info.sampleRate);
  return {
    format: 'FLAC',
    channels: info.channels,
    sampleRate: info.sampleRate,
    promised: info.frames > 0 ? info.frames : undefined,
    blocks: upToEnd(readFrames(reader, info, context), reader, 0, context),
    close: () => reader.close(),
  };
}

/** The stream's facts; passes over comments, pictures and whatever else stands before the first frame. */
async function readHead(reader: ByteReader): Promise<StreamInfo | undefined> {
  await reader.skip(4);
  let info: StreamInfo | undefined;
  for (;;) {
    const head = await reader.read(4);
    if (head.length < 4) return info;
    const [flags = 0, high = 0, middle = 0, low = 0] = head;
    if (info === undefined && (flags & 0x7f) !== 0) return undefined;
    const length = high * 65_536 + middle * 256 + low;
    if (info === undefined) {
      info = parseStreamInfo(await reader.read(length));
      if (info === undefined) return undefined;
    } else if ((await reader.skip(length)) < length) {
      return info;
    }
    if ((flags & 0x80) !== 0) return info;
  }
}

/** Behind ten bytes about blocks and frames: 20 bits of rate, 3 of channels, 5 of depth, 36 of length. */
export function parseStreamInfo(block: Uint8Array): StreamInfo | undefined {
  if (block.length < INFO_BYTES) return undefined;
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const packed = view.getUint32(10);
  return {
    sampleRate: packed >>> 12,
    channels: ((packed >> 9) & 7) + 1,
    bits: ((packed >> 4) & 31) + 1,
    frames: (packed & 15) * 2 ** 32 + view.getUint32(14),
  };
}

async function* readFrames(
  reader: ByteReader,
  info: StreamInfo,
  { name, warn }: DecodeContext,
): AsyncGenerator<AudioBlock, void, undefined> {
  let look = FIRST_LOOK_BYTES;
  let frames = 0;
  let lost = false;
  while (info.frames === 0 || frames < info.frames) {
    const bytes = await reader.peek(look);
    if (bytes.length === 0) break;
    const result = decodeFrame(bytes, info);
    if (result.kind === 'frame') {
      await reader.skip(result.bytes);
      frames += result.block[0]?.length ?? 0;
      look = Math.max(FIRST_LOOK_BYTES, Math.min(2 * result.bytes, MAX_FRAME_BYTES));
      yield result.block;
    } else if (result.kind === 'short' && bytes.length === look && look < MAX_FRAME_BYTES) {
      look *= 2;
    } else {
      lost ||= result.kind === 'bad';
      // The next frame starts with a byte of ones.
      const next = bytes.indexOf(0xff, 1);
      await reader.skip(next < 0 ? bytes.length : next);
      look = FIRST_LOOK_BYTES;
    }
  }
  if (frames === 0) throw new ScriptoriumError('audio-damaged', `${name} is FLAC of which nothing can be decoded`);
  if (lost) warn({ kind: 'damaged', message: `${name} is damaged: parts of its FLAC were left out` });
  if (frames < info.frames) warn(truncated(name, 'FLAC'));
}
