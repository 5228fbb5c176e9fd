import { SAMPLE_RATE, samples, type Samples } from '../../core/index.ts';
import { createResampler } from '../resample/resampler.ts';
import type { AudioBlock } from './audio-stream.ts';
import { openAudio, type OpenAudioOptions } from './open-audio.ts';

export interface DecodeOptions16k extends OpenAudioOptions {
  /** `mix`: the mean of all channels as one. `split`: each by itself. */
  readonly channels: 'mix' | 'split';
}

/** A recording as engines take it. */
export interface Audio16k {
  readonly format: string;
  /** Of the recording, before the change to 16 kHz. */
  readonly sourceRate: number;
  readonly sourceChannels: number;
  /** Arrays in a block: 1 when mixed. */
  readonly channels: number;
  /** Samples a channel at 16 kHz that the head promises, where it does: for progress, not for trust. */
  readonly promised: Samples | undefined;
  /** 16 kHz, values in [-1, 1]; read once. n source samples give ceil(n * 16000 / sourceRate). */
  readonly blocks: AsyncIterable<AudioBlock>;
  close(): Promise<void>;
}

/** Opens a recording (`openAudio`) as 16 kHz audio, mixed or a channel at a time. Fails as `openAudio` does. */
export async function decodeTo16k(source: AsyncIterable<Uint8Array>, options: DecodeOptions16k): Promise<Audio16k> {
  const stream = await openAudio(source, options);
  const mixes = options.channels === 'mix' && stream.channels > 1;
  const channels = options.channels === 'mix' ? 1 : stream.channels;

  async function* convert(): AsyncGenerator<AudioBlock, void, undefined> {
    const resampler = createResampler(stream.sampleRate, channels);
    for await (const block of stream.blocks) {
      const output = resampler.push(mixes ? [mean(block)] : block).map(clamp);
      if (output[0] !== undefined && output[0].length > 0) yield output;
    }
    const rest = resampler.end().map(clamp);
    if (rest[0] !== undefined && rest[0].length > 0) yield rest;
  }

  return {
    format: stream.format,
    sourceRate: stream.sampleRate,
    sourceChannels: stream.channels,
    channels,
    promised:
      stream.promised === undefined
        ? undefined
        : samples(Math.ceil((stream.promised * SAMPLE_RATE) / stream.sampleRate)),
    blocks: convert(),
    close: () => stream.close(),
  };
}

function mean(block: AudioBlock): Float32Array {
  const [first = new Float32Array(0), ...others] = block;
  const out = first.slice();
  for (const [index, channel] of others.entries()) {
    const scale = index === others.length - 1 ? 1 / block.length : 1;
    for (let i = 0; i < out.length; i++) out[i] = ((out[i] ?? 0) + (channel[i] ?? 0)) * scale;
  }
  return out;
}

/** Cuts off, in place, what a filter's overshoot or a float file puts beyond full scale. */
function clamp(pcm: Float32Array): Float32Array {
  for (let i = 0; i < pcm.length; i++) {
    const value = pcm[i] ?? 0;
    if (value > 1) pcm[i] = 1;
    else if (value < -1) pcm[i] = -1;
  }
  return pcm;
}
