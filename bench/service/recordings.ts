/** Recordings as people send them: stretches of 2 to 15 s, cut one after the other out of the long clips. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clip } from '../clips.ts';
import { wavHeader } from '../sides/wav.ts';

const RATE = 16_000;
const SHORTEST = 2;
const LONGEST = 15;

export interface Recording {
  /** 16-bit WAV, for HTTP. */
  readonly wav: string;
  /** Raw 32-bit float samples of the same, for the engine alone. */
  readonly samples: string;
  readonly seconds: number;
}

/** `count` stretches of different lengths; those of two turns through the clips start at different places. */
export function cutRecordings(clips: readonly Clip[], count: number, folder: string): readonly Recording[] {
  mkdirSync(folder, { recursive: true });
  const speech = clips.map(({ samples }) => {
    const raw = readFileSync(samples);
    return new Float32Array(raw.buffer, raw.byteOffset, raw.length / Float32Array.BYTES_PER_ELEMENT);
  });
  const joined = new Float32Array(speech.reduce((sum, { length }) => sum + length, 0));
  speech.reduce((at, piece) => {
    joined.set(piece, at);
    return at + piece.length;
  }, 0);
  let at = 0;
  return Array.from({ length: count }, (_, index) => {
    // Every length between the two, in an order that has no long run of long ones.
    const seconds = SHORTEST + ((index * 5) % (LONGEST - SHORTEST + 1));
    if (at + seconds * RATE > joined.length) at = (index * 997) % RATE;
    const piece = joined.slice(at, at + seconds * RATE);
    at += piece.length;
    return { ...writeRecording(join(folder, String(index)), piece), seconds };
  });
}

function writeRecording(name: string, piece: Float32Array): { readonly wav: string; readonly samples: string } {
  const rounded = Int16Array.from(piece, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))));
  const [wav, samples] = [`${name}.wav`, `${name}.f32`];
  if (!existsSync(samples)) {
    writeFileSync(wav, Buffer.concat([wavHeader('pcm16', rounded.byteLength), Buffer.from(rounded.buffer)]));
    writeFileSync(samples, Buffer.from(Float32Array.from(rounded, (value) => value / 32_768).buffer));
  }
  return { wav, samples };
}
