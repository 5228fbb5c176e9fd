import { MPEGDecoder } from 'mpg123-decoder';
import type { AudioStream, DecodeContext } from '../audio-stream.ts';
import type { ByteReader } from '../byte-reader.ts';
import { findMpegFrame, readPromisedFrames } from '../mpeg-frame.ts';
import { openWasm, type Decoded } from './wasm-stream.ts';

/** Bytes searched for a first frame behind the tags. */
const SEARCH_BYTES = 65_536;
/** Frames of a whole file that may be no sound: the encoder's delay and padding, which the decoder takes away. */
const GAPLESS_FRAMES = 4;
const NOTHING: Decoded = { channelData: [], samplesDecoded: 0, sampleRate: 0, errors: [] };

/** Decodes MPEG 1, 2 and 2.5 audio, layers I to III, from its first frame on. */
export async function openMp3(reader: ByteReader, context: DecodeContext): Promise<AudioStream> {
  await skipTags(reader);
  const head = await reader.peek(SEARCH_BYTES);
  const frame = findMpegFrame(head);
  if (frame !== undefined) await reader.skip(frame.at);
  const decoder = new MPEGDecoder();
  await decoder.ready;
  const piecewise = {
    decode: (bytes: Uint8Array) => decoder.decode(bytes),
    flush: () => NOTHING,
    free: () => decoder.free(),
  };
  const promised = frame === undefined ? undefined : readPromisedFrames(head, frame);
  const frames = promised === undefined ? 0 : promised - GAPLESS_FRAMES * (frame?.frames ?? 0);
  const name = frame?.layer === 2 ? 'MP2' : 'MP3';
  // The decoder gives two equal channels for one.
  return openWasm(reader, piecewise, { name, channels: frame?.channels ?? 2, ...(frames > 0 && { frames }) }, context);
}

/** Passes over ID3v2 tags, each with its ten bytes of head and a length of four times seven bits (id3.org, 2.4.0). */
async function skipTags(reader: ByteReader): Promise<void> {
  for (;;) {
    const head = await reader.peek(10);
    if (head.length < 10 || String.fromCharCode(...head.subarray(0, 3)) !== 'ID3') return;
    const length = head.subarray(6).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    const footer = ((head[5] ?? 0) & 0x10) === 0 ? 0 : 10;
    await reader.skip(10 + length + footer);
  }
}
