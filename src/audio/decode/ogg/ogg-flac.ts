import { decodeFrame, type StreamInfo } from '../flac/frame.ts';
import { parseStreamInfo } from '../flac/flac.ts';
import type { Decoded, PieceDecoder } from '../wasm/wasm-stream.ts';
import { createOggDemuxer, type OggDemuxer } from './ogg-packets.ts';

/** Where the stream info starts in the first packet: behind `\x7fFLAC`, a version, a count, `fLaC` and a block's head. */
const INFO_AT = 17;
/** Frames start with this; comments and pictures, the packets before, do not (RFC 9639 10.1). */
const SYNC = 0xff;

/** Decodes FLAC in Ogg: one frame a packet. */
export function createOggFlacDecoder(): PieceDecoder & { readonly demuxer: OggDemuxer } {
  const demuxer = createOggDemuxer();
  let info: StreamInfo | undefined;
  let lost = 0;

  return {
    demuxer,
    decode(bytes) {
      const blocks: (readonly Float32Array[])[] = [];
      const errors: { readonly message: string }[] = [];
      for (const packet of demuxer.push(bytes)) {
        if (packet.first) info = parseStreamInfo(packet.bytes.subarray(INFO_AT));
        if (packet.first || info === undefined || packet.bytes[0] !== SYNC) continue;
        const result = decodeFrame(packet.bytes, info);
        if (result.kind === 'frame') blocks.push(result.block);
        else errors.push({ message: 'a frame is damaged' });
      }
      for (; lost < demuxer.lost(); lost++) errors.push({ message: 'a page is lost' });
      return { ...join(blocks), sampleRate: info?.sampleRate ?? 0, errors };
    },
    flush: () => ({ channelData: [], samplesDecoded: 0, sampleRate: info?.sampleRate ?? 0, errors: [] }),
    free: () => {},
  };
}

function join(blocks: readonly (readonly Float32Array[])[]): Pick<Decoded, 'channelData' | 'samplesDecoded'> {
  const samplesDecoded = blocks.reduce((sum, block) => sum + (block[0]?.length ?? 0), 0);
  const channelData = (blocks[0] ?? []).map((_, channel) => {
    const out = new Float32Array(samplesDecoded);
    let at = 0;
    for (const block of blocks) {
      out.set(block[channel] ?? [], at);
      at += block[0]?.length ?? 0;
    }
    return out;
  });
  return { channelData, samplesDecoded };
}
