import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { checkShape, type AudioStream, type DecodeContext } from '../audio-stream.ts';
import type { ByteReader } from '../byte-reader.ts';
import { openWasm } from './wasm-stream.ts';

/** Where the stream info starts, behind `fLaC` and the head of its block, and what of it is read (RFC 9639 8.2). */
const INFO_OFFSET = 8;
const INFO_BYTES = 18;

/** Decodes native FLAC. The length that its header promises tells a file that is cut off. */
export async function openFlac(reader: ByteReader, context: DecodeContext): Promise<AudioStream> {
  const head = await reader.peek(INFO_OFFSET + INFO_BYTES);
  const format = 'FLAC';
  if (head.length < INFO_OFFSET + INFO_BYTES) return openWasm(reader, await createDecoder(), { name: format }, context);
  const info = new DataView(head.buffer, head.byteOffset + INFO_OFFSET);
  // 20 bits of sample rate, 3 of channels less one, 5 of depth less one, 36 of length in samples.
  const packed = info.getUint32(10);
  checkShape(context.name, format, ((packed >> 9) & 7) + 1, packed >>> 12);
  const frames = (packed & 0xf) * 2 ** 32 + info.getUint32(14);
  return openWasm(reader, await createDecoder(), { name: format, ...(frames > 0 && { frames }) }, context);
}

async function createDecoder(): Promise<FLACDecoder> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  return decoder;
}
