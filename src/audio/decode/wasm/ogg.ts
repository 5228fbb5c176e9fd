import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import { checkShape, type AudioStream, type DecodeContext } from '../audio-stream.ts';
import type { ByteReader } from '../byte-reader.ts';
import { openWasm, type PieceDecoder } from './wasm-stream.ts';

/** Head of an Ogg page without its segment table, and where its flags stand (RFC 3533 6). */
const PAGE_BYTES = 27;
const FLAGS = 5;
const LAST_PAGE = 4;
/** Bytes in which the head of the last page is looked for: the longest page. */
const TAIL_BYTES = 65_307;
/** Opus always decodes to this. */
const OPUS_RATE = 48_000;
/** Bytes of the first packet that are looked at. */
const PACKET_BYTES = 32;

export type OggCoding = 'ogg-opus' | 'ogg-vorbis' | 'ogg-flac';

/** Decodes Opus, Vorbis and FLAC in Ogg. */
export async function openOgg(reader: ByteReader, coding: OggCoding, context: DecodeContext): Promise<AudioStream> {
  const head = await reader.peek(PAGE_BYTES + 255 + PACKET_BYTES);
  const packet = head.subarray(PAGE_BYTES + (head[PAGE_BYTES - 1] ?? 0));
  const { watched, complete } = watchLastPage(reader);
  const [name, decoder] = await chooseDecoder(coding, packet, context.name);
  return openWasm(watched, decoder, { name, complete }, context);
}

async function chooseDecoder(
  coding: OggCoding,
  packet: Uint8Array,
  name: string,
): Promise<readonly [string, PieceDecoder]> {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if (coding === 'ogg-opus') {
    if (packet.length >= 10) checkShape(name, 'Ogg Opus', view.getUint8(9), OPUS_RATE);
    return ['Ogg Opus', await ready(new OggOpusDecoder())];
  }
  if (coding === 'ogg-vorbis') {
    if (packet.length >= 16) checkShape(name, 'Ogg Vorbis', view.getUint8(11), view.getUint32(12, true));
    return ['Ogg Vorbis', await ready(new OggVorbisDecoder())];
  }
  return ['Ogg FLAC', await ready(new FLACDecoder())];
}

async function ready<T extends PieceDecoder & { readonly ready: Promise<void> }>(decoder: T): Promise<T> {
  await decoder.ready;
  return decoder;
}

/** The same reader, watched for whether a page that says it is the last comes by at the end. */
function watchLastPage(reader: ByteReader): { readonly watched: ByteReader; readonly complete: () => boolean } {
  let tail: Uint8Array = new Uint8Array(0);
  const watched: ByteReader = {
    ...reader,
    async read(count) {
      const bytes = await reader.read(count);
      tail = new Uint8Array(Buffer.concat([tail, bytes]));
      if (tail.length > 2 * TAIL_BYTES) tail = tail.slice(-TAIL_BYTES);
      return bytes;
    },
  };
  const complete = (): boolean => {
    const page = Buffer.from(tail).lastIndexOf('OggS');
    return page >= 0 && ((tail[page + FLAGS] ?? 0) & LAST_PAGE) !== 0;
  };
  return { watched, complete };
}
