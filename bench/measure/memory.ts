/** Peak memory of the product over a long file against a short one, both made by repeating speech. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clip } from '../clips.ts';
import { wavHeader } from '../sides/wav.ts';
import type { Side } from '../sides/side.ts';
import { treeUse } from './processes.ts';

const RATE = 16_000;
const SAMPLE_EVERY_MS = 100;
const SHORT_SECONDS = 10 * 60;
const LONG_SECONDS = 4 * 3600;

export interface MemoryUse {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly wall: number;
}

/** Repeats the clips to exactly `seconds` of 16-bit WAV. */
function makeFile(path: string, clips: readonly Clip[], seconds: number): void {
  const bytes = seconds * RATE * 2;
  if (existsSync(path) && statSync(path).size === bytes + wavHeader('pcm16', bytes).length) return;
  const pieces = clips.map(({ samples }) => {
    const raw = readFileSync(samples);
    const floats = new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
    return Buffer.from(Int16Array.from(floats, (value) => Math.round(value * 32_767)).buffer);
  });
  const file = openSync(path, 'w');
  try {
    writeSync(file, wavHeader('pcm16', bytes));
    for (let left = bytes, next = 0; left > 0; next++) {
      const piece = pieces[next % pieces.length];
      if (piece === undefined || piece.length === 0) throw new Error('no speech to repeat');
      left -= writeSync(file, piece.subarray(0, left));
    }
  } finally {
    closeSync(file);
  }
}

async function peakOver(start: () => Promise<Side>, path: string, seconds: number): Promise<MemoryUse> {
  const side = await start();
  let peakBytes = 0;
  const look = (): void => {
    peakBytes = Math.max(peakBytes, treeUse(side.pid).residentBytes);
  };
  const timer = setInterval(look, SAMPLE_EVERY_MS);
  const begun = performance.now();
  try {
    await side.ask({ op: 'file', path });
    look();
  } finally {
    clearInterval(timer);
    await side[Symbol.asyncDispose]();
  }
  return { seconds, peakBytes, wall: (performance.now() - begun) / 1000 };
}

/** @param start starts a fresh side of the product; each file gets its own. */
export async function measureMemory(
  start: () => Promise<Side>,
  clips: readonly Clip[],
  folder: string,
): Promise<readonly [short: MemoryUse, long: MemoryUse]> {
  mkdirSync(folder, { recursive: true });
  const over = async (seconds: number): Promise<MemoryUse> => {
    const path = join(folder, `${seconds}.wav`);
    makeFile(path, clips, seconds);
    return peakOver(start, path, seconds);
  };
  return [await over(SHORT_SECONDS), await over(LONG_SECONDS)];
}
