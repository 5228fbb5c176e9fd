/** An ear and a decoder for tests: what is loud is speech, and bytes are samples already. */
import type { LiveDecoder, LiveEar, SpeechChange, SpokenBefore } from '../../../src/audio/index.ts';
import type { LiveTurns, SpeechSpan } from '../../../src/core/index.ts';
import { millisToSamples, samples } from '../../../src/core/index.ts';

const LOUD = 1000;
/** Looked at together: whole blocks alone count. */
const BLOCK = 160;

export const samplesDecoder = (): LiveDecoder => ({
  push: async (bytes) => new Int16Array(new Uint8Array(bytes).buffer),
  end: async () => new Int16Array(0),
  hasMore: () => false,
  close: async () => {},
});

export function loudEar({ silence }: LiveTurns, before?: SpokenBefore): LiveEar {
  const position = before?.position ?? 0;
  /** Blocks begin where they begin for an ear that heard everything. */
  let skip = (BLOCK - (position % BLOCK)) % BLOCK;
  let at = position + skip;
  let utterance = (before?.next ?? 0) - 1;
  let from: number | undefined = before?.isSpeaking === true ? before.from : undefined;
  let loudUntil: number = before?.from ?? 0;
  let rest = new Int16Array(0);

  function end(to: number): SpeechChange[] {
    if (from === undefined) return [];
    const start = from;
    from = undefined;
    const spans: SpeechSpan[] = [{ start: samples(0), end: samples(to - start) }];
    return [{ type: 'end', utterance, from: samples(start), to: samples(to), at: samples(at), spans }];
  }

  function hear(block: Int16Array): SpeechChange[] {
    const isLoud = block.some((value) => Math.abs(value) > LOUD);
    const began = at;
    at += block.length;
    if (before !== undefined && began < before.from) return [];
    if (isLoud) loudUntil = at;
    if (isLoud && from === undefined) {
      from = began;
      return [{ type: 'start', utterance: ++utterance, at: samples(began) }];
    }
    return from !== undefined && at - loudUntil >= millisToSamples(silence) ? end(loudUntil) : [];
  }

  function cut(): SpeechChange[] {
    at += rest.length;
    if (rest.length > 0 && from !== undefined) loudUntil = at;
    rest = new Int16Array(0);
    return end(Math.max(loudUntil, from ?? 0));
  }

  return {
    async push(pcm) {
      const all = Int16Array.from([...rest, ...pcm.subarray(skip)]);
      skip = Math.max(0, skip - pcm.length);
      const whole = all.length - (all.length % BLOCK);
      rest = all.slice(whole);
      const changes: SpeechChange[] = [];
      for (let start = 0; start < whole; start += BLOCK) changes.push(...hear(all.subarray(start, start + BLOCK)));
      return changes;
    },
    cut: async () => cut(),
    async gap(length) {
      const changes = cut();
      at += length;
      return changes;
    },
    settled() {},
    update() {},
    open() {
      if (from === undefined) return undefined;
      const spoken = {
        utterance,
        from: samples(from),
        spans: [{ start: samples(0), end: samples(loudUntil - from) }],
      };
      return at - loudUntil < millisToSamples(silence) / 2 ? spoken : { ...spoken, to: samples(loudUntil) };
    },
  };
}
