import type { LiveAudioFormat } from '../../core/index.ts';
import type { LiveDecoder } from './live-decoder.ts';
import { packedDecoder } from './packed-decoder.ts';
import { packetDecoder } from './packet-decoder.ts';
import { plainDecoder } from './plain-decoder.ts';

/** A decoder for a live stream of this format; what comes out of it is mono at 16 kHz. */
export function openLiveDecoder({ encoding, sampleRate, channels }: LiveAudioFormat): LiveDecoder {
  switch (encoding) {
    case 'pcm_s16le':
    case 'pcm_f32le':
    case 'mulaw':
    case 'alaw':
      return plainDecoder(encoding, sampleRate, channels);
    case 'opus':
      return packetDecoder(channels);
    case 'webm':
    case 'ogg':
    case 'flac':
    case 'wav':
      return packedDecoder();
  }
}
