import { OpusDecoder } from 'opus-decoder';
import { SAMPLE_RATE } from '../../../core/index.ts';
import type { AudioStream, DecodeContext } from '../audio-stream.ts';
import type { ByteReader } from '../byte-reader.ts';
import { parseOpusHead } from '../ogg/opus-head.ts';
import { quietly } from '../wasm/quietly.ts';
import { openWasm, type Decoded, type PieceDecoder } from '../wasm/wasm-stream.ts';
import { createWebmDemuxer } from './webm-packets.ts';

/** Opus counts in this, whatever it is decoded to (RFC 7845, section 4). */
const GRANULE_RATE = 48_000;
const EMPTY: Decoded = { channelData: [], samplesDecoded: 0, sampleRate: SAMPLE_RATE, errors: [] };

/** Decodes Opus in WebM or Matroska, as browsers record it, straight to 16 kHz. */
export const openWebm = (reader: ByteReader, context: DecodeContext): Promise<AudioStream> =>
  openWasm(reader, createWebmDecoder(), { name: 'WebM Opus' }, context);

function createWebmDecoder(): PieceDecoder {
  const demuxer = createWebmDemuxer();
  let decoder: OpusDecoder<16_000> | undefined;

  async function opened(): Promise<OpusDecoder<16_000> | undefined> {
    if (decoder !== undefined) return decoder;
    const bytes = demuxer.head();
    const head = bytes === undefined ? undefined : parseOpusHead(bytes);
    if (head === undefined) return undefined;
    const { preSkip, ...shape } = head;
    const skipped = Math.round((preSkip * SAMPLE_RATE) / GRANULE_RATE);
    decoder = new OpusDecoder({ ...shape, preSkip: skipped, sampleRate: SAMPLE_RATE });
    await decoder.ready;
    return decoder;
  }

  return {
    async decode(bytes) {
      const packets = demuxer.push(bytes).filter(({ length }) => length > 0);
      const ready = await opened();
      return ready === undefined || packets.length === 0 ? EMPTY : quietly(() => ready.decodeFrames([...packets]));
    },
    flush: () => EMPTY,
    free: () => decoder?.free(),
  };
}
