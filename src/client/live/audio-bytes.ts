import { ClientError } from '../errors.ts';
import type { LiveAudio, LiveEncoding } from './wire.ts';

/** Sound as a caller has it. Floats are samples in [-1, 1]. */
export type AudioChunk = Uint8Array | ArrayBuffer | Int16Array | Float32Array;

const SAMPLE_BYTES: Partial<Readonly<Record<LiveEncoding, number>>> = { pcm_s16le: 2, pcm_f32le: 4, mulaw: 1, alaw: 1 };

/** Bytes of one moment; undefined where they differ, as in what is compressed or has a head of its own. */
export function frameBytes({ encoding, channels }: LiveAudio): number | undefined {
  const one = SAMPLE_BYTES[encoding];
  return one === undefined ? undefined : one * channels;
}

/**
 * A copy of what was given, as it goes over the wire.
 *
 * @throws ClientError `request-invalid` when samples are given and the session's encoding has none of their kind.
 */
export function bytesOf(chunk: AudioChunk, encoding: LiveEncoding): Uint8Array<ArrayBuffer> {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk.slice(0));
  if (chunk instanceof Uint8Array) return new Uint8Array(chunk);
  if (chunk instanceof Int16Array && encoding === 'pcm_s16le') return fromSamples(chunk, (value) => value);
  if (chunk instanceof Float32Array && encoding === 'pcm_s16le') return fromSamples(chunk, asInt16);
  if (chunk instanceof Float32Array && encoding === 'pcm_f32le') {
    const view = new DataView(new ArrayBuffer(chunk.length * 4));
    for (const [index, value] of chunk.entries()) view.setFloat32(index * 4, value, true);
    return new Uint8Array(view.buffer);
  }
  const kind = chunk instanceof Int16Array ? 'Int16Array' : 'Float32Array';
  throw new ClientError('request-invalid', `a session of ${encoding} takes bytes, not a ${kind}`);
}

const asInt16 = (value: number): number => {
  const scaled = Math.round(value * 32_768);
  return Number.isNaN(scaled) ? 0 : Math.max(-32_768, Math.min(32_767, scaled));
};

function fromSamples(samples: Int16Array | Float32Array, convert: (value: number) => number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  for (const [index, value] of samples.entries()) view.setInt16(index * 2, convert(value), true);
  return new Uint8Array(view.buffer);
}
