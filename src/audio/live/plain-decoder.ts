import { SAMPLE_RATE, toPcm16 } from '../../core/index.ts';
import { A_LAW, MU_LAW } from '../decode/g711.ts';
import { createResampler } from '../resample/resampler.ts';
import type { LiveDecoder, PlainEncoding } from './live-decoder.ts';

/** One sample of each encoding: how many bytes, and what they stand for, in [-1, 1]. */
interface Coding {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

const CODINGS: Readonly<Record<PlainEncoding, Coding>> = {
  pcm_s16le: { bytes: 2, read: (view, at) => view.getInt16(at, true) / 32_768 },
  pcm_f32le: { bytes: 4, read: (view, at) => finite(view.getFloat32(at, true)) },
  mulaw: { bytes: 1, read: (view, at) => MU_LAW[view.getUint8(at)] ?? 0 },
  alaw: { bytes: 1, read: (view, at) => A_LAW[view.getUint8(at)] ?? 0 },
};

/** Not a number and infinities are silence; what is beyond full scale is cut off. */
const finite = (value: number): number => (Number.isFinite(value) ? Math.max(-1, Math.min(1, value)) : 0);

/** Samples of one after the other, channels side by side; channels are mixed. n of a rate give ceil(n * 16000 / rate). */
export function plainDecoder(encoding: PlainEncoding, sampleRate: number, channels: number): LiveDecoder {
  const { bytes: width, read } = CODINGS[encoding];
  const frame = width * channels;
  const resampler = createResampler(sampleRate, 1);
  /** Bytes of a frame that has only begun. */
  let rest = new Uint8Array(0);

  function whole(bytes: Uint8Array): Uint8Array {
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const length = all.length - (all.length % frame);
    // A copy by `Uint8Array`: Node's `Buffer` gives a view, which holds all of it.
    rest = new Uint8Array(all.subarray(length));
    return all.subarray(0, length);
  }

  function mixed(bytes: Uint8Array): Float32Array {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const out = new Float32Array(bytes.length / frame);
    for (let i = 0, at = 0; i < out.length; i++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++, at += width) sum += read(view, at);
      out[i] = sum / channels;
    }
    return out;
  }

  return {
    async push(bytes) {
      const frames = whole(bytes);
      // As it is wanted: rounding to 16 bits and back changes nothing, but costs.
      if (encoding === 'pcm_s16le' && channels === 1 && sampleRate === SAMPLE_RATE) {
        return new Int16Array(new Uint8Array(frames).buffer);
      }
      return toPcm16(resampler.push([mixed(frames)])[0] ?? new Float32Array(0));
    },
    async end() {
      rest = new Uint8Array(0);
      return toPcm16(resampler.end()[0] ?? new Float32Array(0));
    },
    hasMore: () => false,
    async close() {},
  };
}
