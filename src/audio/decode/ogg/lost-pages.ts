import type { Decoded, PieceDecoder } from '../wasm/wasm-stream.ts';
import { createOggDemuxer, type OggDemuxer } from './ogg-packets.ts';

/** Longest silence put in at once, over all channels: a page holds a second or less, and a file may claim anything. */
export const MAX_GAP_SECONDS = 60;

/** The first `kept` samples behind so many of silence. */
export function behindSilence(decoded: Decoded, silence: number, kept: number): Decoded {
  const channelData = decoded.channelData.map((data) => {
    if (silence === 0) return data.subarray(0, kept);
    const moved = new Float32Array(silence + kept);
    moved.set(data.subarray(0, kept), silence);
    return moved;
  });
  return { ...decoded, samplesDecoded: silence + kept, channelData };
}

/**
 * A decoder that takes Ogg apart by itself, but tells neither of lost pages nor of a missing end. Where pages are lost there is
 * silence, to within a piece, so that what follows keeps its time.
 *
 * @param inner gives the samples of a page with its last byte, but for a stream's last page.
 */
export function watchPages(inner: PieceDecoder): PieceDecoder & { readonly demuxer: OggDemuxer } {
  const demuxer = createOggDemuxer();
  let lost = 0;
  let decodedSoFar = 0;
  /** By how much positions are ahead of what was decoded: a stream may begin anywhere. */
  let ahead: number | undefined;
  let isMissing = false;

  /** Where the stream stands behind the pages that end here, if that can be told. */
  function position(bytes: Uint8Array): number | undefined {
    let granule: number | undefined;
    for (const packet of demuxer.push(bytes)) {
      if (packet.first) ahead = undefined;
      if (packet.first || packet.last) granule = undefined;
      else granule = packet.granule ?? granule;
    }
    return granule;
  }

  function fill(decoded: Decoded, granule: number | undefined): Decoded {
    decodedSoFar += decoded.samplesDecoded;
    if (granule === undefined || decoded.samplesDecoded === 0) return decoded;
    const now = granule - decodedSoFar;
    const missing = isMissing && ahead !== undefined ? now - ahead : 0;
    const most = Math.floor((MAX_GAP_SECONDS * decoded.sampleRate) / decoded.channelData.length);
    const silence = Math.max(0, Math.min(missing, most));
    decodedSoFar += silence;
    ahead = now - silence;
    isMissing = false;
    return behindSilence(decoded, silence, decoded.samplesDecoded);
  }

  return {
    demuxer,
    async decode(bytes) {
      const granule = position(bytes);
      const gaps = demuxer.lost() - lost;
      lost += gaps;
      isMissing ||= gaps > 0;
      const decoded = fill(await inner.decode(bytes), granule);
      return gaps === 0 ? decoded : { ...decoded, errors: [...decoded.errors, { message: 'a page is lost' }] };
    },
    flush: () => inner.flush(),
    free: () => inner.free(),
  };
}
