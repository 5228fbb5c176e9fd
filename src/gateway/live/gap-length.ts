import type { LiveAudioFormat, LiveEncoding, Samples } from '../../core/index.ts';
import { SAMPLE_RATE, ScriptoriumError, samples } from '../../core/index.ts';

/** Bytes of one sample of one channel, of encodings where every sample has the same. */
const SAMPLE_BYTES: Partial<Readonly<Record<LiveEncoding, number>>> = {
  pcm_s16le: 2,
  pcm_f32le: 4,
  mulaw: 1,
  alaw: 1,
};

/** Bytes of all channels' samples of one moment; undefined where that is not the same everywhere. */
export function frameBytes({ encoding, channels }: LiveAudioFormat): number | undefined {
  const one = SAMPLE_BYTES[encoding];
  return one === undefined ? undefined : one * channels;
}

/** Bytes of a stream that so many samples at 16 kHz were made of, as whole frames; undefined where that can't be said. */
export function lengthInBytes(length: Samples, format: LiveAudioFormat): number | undefined {
  const frame = frameBytes(format);
  return frame === undefined ? undefined : Math.floor((length * format.sampleRate) / SAMPLE_RATE) * frame;
}

/**
 * How long bytes are that never came, at 16 kHz.
 *
 * @throws ScriptoriumError `request-invalid` when they can't be counted in samples.
 */
export function gapLength(bytes: number, format: LiveAudioFormat): Samples {
  const frame = frameBytes(format);
  if (frame === undefined) {
    throw new ScriptoriumError(
      'request-invalid',
      `a gap can't be told in ${format.encoding}: its bytes have no fixed length`,
    );
  }
  if (bytes % frame !== 0) {
    throw new ScriptoriumError(
      'request-invalid',
      `a gap of ${bytes} bytes is no whole number of samples of ${frame} bytes`,
    );
  }
  return samples(Math.round((bytes / frame) * (SAMPLE_RATE / format.sampleRate)));
}

export const isSameFormat = (a: LiveAudioFormat, b: LiveAudioFormat): boolean =>
  a.encoding === b.encoding && a.sampleRate === b.sampleRate && a.channels === b.channels;
