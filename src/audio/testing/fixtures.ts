/** What the tests of this room share: recordings, and sounds made up. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SAMPLE_RATE, ScriptoriumError } from '../../core/index.ts';
import type { AudioBlock, AudioWarning } from '../decode/audio-stream.ts';
import { decodeTo16k, type DecodeOptions16k } from '../decode/decode-to-16k.ts';
import { openAudio } from '../decode/open-audio.ts';

const FOLDER = new URL('../../../test/fixtures/audio/', import.meta.url);

function fixturePath(name: string): string {
  return fileURLToPath(new URL(name, FOLDER));
}

export async function readFixtureBytes(name: string): Promise<Uint8Array> {
  return readFile(fixturePath(name));
}

/** A recording as 16 kHz mono. */
export async function readFixture(name: string): Promise<Float32Array> {
  const audio = await decodeTo16k(createReadStream(fixturePath(name)), { name, channels: 'mix' });
  const [channel = new Float32Array(0)] = await collect(audio.blocks);
  return channel;
}

/** Bytes as a file gives them, a piece at a time. */
export async function* inPieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** All blocks as one array a channel. */
export async function collect(blocks: AsyncIterable<AudioBlock>): Promise<readonly Float32Array[]> {
  const parts: AudioBlock[] = [];
  for await (const block of blocks) parts.push(block);
  const length = parts.reduce((sum, block) => sum + (block[0]?.length ?? 0), 0);
  return (parts[0] ?? []).map((_, channel) => {
    const out = new Float32Array(length);
    let at = 0;
    for (const block of parts) {
      out.set(block[channel] ?? [], at);
      at += block[channel]?.length ?? 0;
    }
    return out;
  });
}

export interface Heard {
  readonly format: string;
  readonly channels: readonly Float32Array[];
  readonly warnings: readonly AudioWarning['kind'][];
}

/** A whole recording at 16 kHz, and what was said about it. */
export async function hear(bytes: Uint8Array, options: Partial<DecodeOptions16k> = {}): Promise<Heard> {
  const warnings: AudioWarning['kind'][] = [];
  const onWarning = ({ kind }: AudioWarning): void => void warnings.push(kind);
  const audio = await decodeTo16k(inPieces(bytes), { name: 'a recording', channels: 'mix', onWarning, ...options });
  return { format: audio.format, channels: await collect(audio.blocks), warnings };
}

/** The same noise every time: a linear congruential generator (Numerical Recipes). */
export function noise(seconds: number, level: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: Math.round(seconds * SAMPLE_RATE) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 31 - 1) * level;
  });
}

/** How alike two recordings are, at the best of the given delays: 1 when they are the same. */
export function likeness(a: Float32Array, b: Float32Array, maxDelay: number): number {
  let best = -1;
  for (let delay = -maxDelay; delay <= maxDelay; delay += 4) best = Math.max(best, correlation(a, b, delay));
  return best;
}

function correlation(a: Float32Array, b: Float32Array, delay: number): number {
  let [product, powerA, powerB] = [0, 0, 0];
  const end = Math.min(a.length, b.length - delay);
  for (let i = Math.max(0, -delay); i < end; i += 3) {
    const [x, y] = [a[i] ?? 0, b[i + delay] ?? 0];
    product += x * y;
    powerA += x * x;
    powerB += y * y;
  }
  return product / Math.sqrt(powerA * powerB);
}

/** What became of bytes that may be anything, in small pieces: finite samples, one of our errors, or what should not be. */
export async function outcome(bytes: Uint8Array): Promise<string> {
  try {
    const stream = await openAudio(inPieces(bytes, 100), { name: 'fuzz' });
    const channels = await collect(stream.blocks);
    return channels.every((channel) => channel.every(Number.isFinite)) ? 'sound' : 'odd samples';
  } catch (error) {
    return error instanceof ScriptoriumError ? 'refused' : String(error);
  }
}
