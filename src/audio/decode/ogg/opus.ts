import { OpusDecoder } from 'opus-decoder';
import { SAMPLE_RATE } from '../../../core/index.ts';
import { quietly } from '../wasm/quietly.ts';
import type { Decoded, PieceDecoder } from '../wasm/wasm-stream.ts';
import { behindSilence, MAX_GAP_SECONDS } from './lost-pages.ts';
import { parseOpusHead, startsWith, type OpusHead } from './opus-head.ts';
import { createOggDemuxer, type OggDemuxer, type OggPacket } from './ogg-packets.ts';

/** Opus counts in this, whatever it is decoded to (RFC 7845 4). */
const GRANULE_RATE = 48_000;
const RATIO = GRANULE_RATE / SAMPLE_RATE;
/** Longest packet of one channel that the decoder has room for: 120 ms of 256 kbit/s. */
const MAX_CHANNEL_PACKET_BYTES = 3_840;
const TAGS = 'OpusTags';
const EMPTY: Decoded = { channelData: [], samplesDecoded: 0, sampleRate: SAMPLE_RATE, errors: [] };

interface Stream {
  readonly head: OpusHead;
  readonly decoder: OpusDecoder<16_000>;
  /** Where the stream stood at the end of the last page; `undefined` before the first has ended. */
  granule: number | undefined;
  /** Samples decoded since. */
  decoded: number;
}

/**
 * Decodes Ogg Opus straight to 16 kHz: Opus has no rate of its own, its decoder gives the one it is asked for, at half the
 * cost of 48 kHz and a change of rate. Where pages are lost there is silence, so that what follows keeps its time.
 */
export function createOpusDecoder(): PieceDecoder & { readonly demuxer: OggDemuxer } {
  const demuxer = createOggDemuxer();
  let stream: Stream | undefined;
  let lost = 0;
  /** Samples of silence that may still be put in, over all channels. */
  let room = 0;

  async function open(bytes: Uint8Array): Promise<void> {
    stream?.decoder.free();
    stream = undefined;
    const head = parseOpusHead(bytes);
    if (head === undefined) return;
    const { preSkip, ...shape } = head;
    const decoder = new OpusDecoder({ ...shape, preSkip: Math.round(preSkip / RATIO), sampleRate: SAMPLE_RATE });
    await decoder.ready;
    stream = { head, decoder, granule: undefined, decoded: 0 };
  }

  function decodePackets(packets: readonly OggPacket[]): Decoded {
    if (stream === undefined) return EMPTY;
    const limit = MAX_CHANNEL_PACKET_BYTES * stream.head.channels;
    const frames = packets.map(({ bytes }) => bytes).filter(({ length }) => length > 0 && length <= limit);
    const { decoder } = stream;
    const decoded = quietly(() => decoder.decodeFrames(frames));
    stream.decoded += decoded.samplesDecoded;
    const end = packets.at(-1);
    if (end?.granule === undefined || decoded.samplesDecoded === 0) return decoded;
    const missing = promised(stream, end.granule) - stream.decoded;
    const surplus = end.last ? Math.max(0, Math.min(stream.decoded, -missing)) : 0;
    const silence = Math.max(0, Math.min(missing, Math.floor(room / stream.head.channels)));
    room -= silence * stream.head.channels;
    stream.granule = end.granule;
    stream.decoded = 0;
    return behindSilence(decoded, silence, Math.max(0, decoded.samplesDecoded - surplus));
  }

  return {
    demuxer,
    async decode(bytes) {
      const parts: Decoded[] = [];
      const packets = demuxer.push(bytes);
      const gaps = Array.from({ length: demuxer.lost() - lost }, () => ({ message: 'a page is lost' }));
      lost = demuxer.lost();
      // A stream may begin anywhere and skip what nobody said: only where pages are lost is anything missing.
      room = gaps.length > 0 ? MAX_GAP_SECONDS * SAMPLE_RATE : 0;
      let waiting: OggPacket[] = [];
      for (const packet of packets) {
        if (packet.first) await open(packet.bytes);
        else if (!startsWith(packet.bytes, TAGS)) waiting.push(packet);
        if (packet.granule === undefined) continue;
        if (waiting.length > 0) parts.push(decodePackets(waiting));
        waiting = [];
      }
      if (waiting.length > 0) parts.push(decodePackets(waiting));
      return joinDecoded(parts, gaps);
    },
    flush: () => EMPTY,
    free: () => stream?.decoder.free(),
  };
}

/** Samples between the end of the last page and that of this one (RFC 7845 4). */
function promised(stream: Stream, end: number): number {
  const skipped = stream.granule === undefined ? stream.head.preSkip : 0;
  return Math.max(0, Math.round((end - (stream.granule ?? 0) - skipped) / RATIO));
}

function joinDecoded(parts: readonly Decoded[], more: Decoded['errors']): Decoded {
  const [first, ...others] = parts.filter(({ samplesDecoded }) => samplesDecoded > 0);
  const errors = [...parts.flatMap((part) => part.errors), ...more];
  if (first === undefined) return { ...EMPTY, errors };
  // Streams of another shape in one piece: only those like the first can go on in its arrays.
  const alike = [first, ...others].filter(({ channelData }) => channelData.length === first.channelData.length);
  const samplesDecoded = alike.reduce((sum, part) => sum + part.samplesDecoded, 0);
  const channelData = first.channelData.map((_, channel) => {
    const out = new Float32Array(samplesDecoded);
    let at = 0;
    for (const part of alike) {
      out.set(part.channelData[channel] ?? [], at);
      at += part.samplesDecoded;
    }
    return out;
  });
  return { channelData, samplesDecoded, sampleRate: SAMPLE_RATE, errors };
}
