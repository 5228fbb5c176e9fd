import { SAMPLE_RATE } from '../../../core/index.ts';
import { checkShape, type AudioStream, type DecodeContext } from '../audio-stream.ts';
import type { ByteReader } from '../byte-reader.ts';
import { openWasm, type PieceDecoder } from '../wasm/wasm-stream.ts';
import { watchPages } from './lost-pages.ts';
import { createOggFlacDecoder } from './ogg-flac.ts';
import { createOpusDecoder } from './opus.ts';

/** Head of an Ogg page without its segment table (RFC 3533 6). */
const PAGE_BYTES = 27;
/** Bytes of the first packet that are looked at. */
const PACKET_BYTES = 32;

export type OggCoding = 'ogg-opus' | 'ogg-vorbis' | 'ogg-flac';

/** Decodes Opus, Vorbis and FLAC in Ogg. */
export async function openOgg(reader: ByteReader, coding: OggCoding, context: DecodeContext): Promise<AudioStream> {
  const head = await reader.peek(PAGE_BYTES + 255 + PACKET_BYTES);
  const packet = head.subarray(PAGE_BYTES + (head[PAGE_BYTES - 1] ?? 0));
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const { name } = context;
  if (coding === 'ogg-opus') {
    if (packet.length >= 10) checkShape(name, 'Ogg Opus', view.getUint8(9), SAMPLE_RATE);
    const decoder = createOpusDecoder();
    return openWasm(reader, decoder, { name: 'Ogg Opus', complete: () => decoder.demuxer.ended() }, context);
  }
  if (coding === 'ogg-vorbis') {
    if (packet.length >= 16) checkShape(name, 'Ogg Vorbis', view.getUint8(11), view.getUint32(12, true));
    const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
    const decoder = watchPages(await ready(new OggVorbisDecoder()));
    return openWasm(reader, decoder, { name: 'Ogg Vorbis', complete: () => decoder.demuxer.ended() }, context);
  }
  const decoder = createOggFlacDecoder();
  return openWasm(reader, decoder, { name: 'Ogg FLAC', complete: () => decoder.demuxer.ended() }, context);
}

async function ready<T extends PieceDecoder & { readonly ready: Promise<void> }>(decoder: T): Promise<T> {
  await decoder.ready;
  return decoder;
}
