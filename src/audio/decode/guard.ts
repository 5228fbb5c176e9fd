import { ScriptoriumError } from '../../core/index.ts';
import {
  MAX_BLOCK_FRAMES,
  type AudioBlock,
  type AudioStream,
  type DecodeContext,
  type DecodeLimits,
} from './audio-stream.ts';

/**
 * The same recording with what is promised of every one: bounded blocks, finite samples (others become 0, with a
 * warning), a length under the limit, at least one sample, and a decoder that is let go of at the end.
 */
export function guard(stream: AudioStream, context: DecodeContext, limits: DecodeLimits): AudioStream {
  const { name, warn } = context;
  const maxFrames = limits.maxSeconds * stream.sampleRate;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= stream.close());

  async function* guarded(): AsyncGenerator<AudioBlock, void, undefined> {
    let frames = 0;
    try {
      for await (const block of stream.blocks) {
        const length = block[0]?.length ?? 0;
        frames += length;
        if (frames > maxFrames) {
          throw new ScriptoriumError('audio-too-long', `${name} is longer than ${limits.maxSeconds} s`);
        }
        if (block.reduce((sum, channel) => sum + silenceOdd(channel), 0) > 0) {
          warn({ kind: 'not-finite', message: `${name} holds samples that are no numbers; they count as silence` });
        }
        for (let from = 0; from < length; from += MAX_BLOCK_FRAMES) {
          yield length <= MAX_BLOCK_FRAMES
            ? block
            : block.map((channel) => channel.subarray(from, from + MAX_BLOCK_FRAMES));
        }
      }
      if (frames === 0) throw new ScriptoriumError('audio-empty', `${name} is ${stream.format} without a sample`);
    } finally {
      await close();
    }
  }

  return { ...stream, blocks: guarded(), close };
}

/** Makes NaN and infinities 0. @returns how many there were. */
function silenceOdd(channel: Float32Array): number {
  let odd = 0;
  for (let i = 0; i < channel.length; i++) {
    if (Number.isFinite(channel[i])) continue;
    channel[i] = 0;
    odd++;
  }
  return odd;
}
