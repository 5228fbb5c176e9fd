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
        if (block.map(silenceOdd).includes(true)) {
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

/** Makes NaN and infinities 0. @returns whether there were any. */
function silenceOdd(channel: Float32Array): boolean {
  // A difference with itself is 0 for every finite number, NaN for others, and NaN stays in a sum.
  let sum = 0;
  for (let i = 0; i < channel.length; i++) {
    const value = channel[i] ?? 0;
    sum += value - value;
  }
  if (sum === 0) return false;
  for (let i = 0; i < channel.length; i++) if (!Number.isFinite(channel[i])) channel[i] = 0;
  return true;
}
