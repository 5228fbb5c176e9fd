import { OpusDecoder } from 'opus-decoder';
import { SAMPLE_RATE, ScriptoriumError, toPcm16 } from '../../core/index.ts';
import { NO_SAMPLES, type LiveDecoder } from './live-decoder.ts';

/** Opus without a mapping table has one or two channels (RFC 7845, section 5.1.1.1). */
const MAX_CHANNELS = 2;
/** Longest packet: 120 ms at 510 kbit/s. */
const MAX_PACKET_BYTES = 7680;

/** Bare Opus packets: each push is one of them. The decoder gives 16 kHz by itself (RFC 6716, section 2). */
export function packetDecoder(channels: number): LiveDecoder {
  if (channels > MAX_CHANNELS) {
    throw new ScriptoriumError('audio-format-unsupported', `Opus packets have 1 or 2 channels, not ${channels}`);
  }
  const decoder = new OpusDecoder({ channels: channels === 1 ? 1 : 2, sampleRate: SAMPLE_RATE });
  return {
    async push(packet) {
      if (packet.length === 0) return NO_SAMPLES;
      if (packet.length > MAX_PACKET_BYTES) {
        throw new ScriptoriumError(
          'audio-damaged',
          `an Opus packet of ${packet.length} bytes: send one packet a message`,
        );
      }
      await decoder.ready;
      const { channelData, samplesDecoded, errors } = decoder.decodeFrame(packet);
      if (errors.length > 0) throw new ScriptoriumError('audio-damaged', 'a message is no packet of Opus');
      const mixed = new Float32Array(samplesDecoded);
      for (const channel of channelData) {
        for (let i = 0; i < samplesDecoded; i++) mixed[i] = (mixed[i] ?? 0) + (channel[i] ?? 0) / channelData.length;
      }
      return toPcm16(mixed);
    },
    end: async () => NO_SAMPLES,
    hasMore: () => false,
    async close() {
      await decoder.ready;
      decoder.free();
    },
  };
}
