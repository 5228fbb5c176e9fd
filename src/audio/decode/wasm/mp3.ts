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
