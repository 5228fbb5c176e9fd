/** What people say into live sessions: real recordings one after the other, with silence between as in a conversation. */
import { createReadStream, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { createApp } from '../../src/app/index.ts';
import type { App, AudioInput } from '../../src/app/index.ts';
import { millis } from '../../src/core/index.ts';

const Line = z.object({ file: z.string(), language: z.string(), reference: z.string().nullable() });
const RATE = 16_000;
/** Longer ones are for files. */
const LONGEST_SECONDS = 29;

export interface SpokenClip {
  readonly pcm: Int16Array;
  readonly reference: string;
}

/** The short English clips of a manifest. */
export async function readSpoken(manifest: string, speech: string): Promise<readonly SpokenClip[]> {
  const lines = readFileSync(manifest, 'utf8')
    .split('\n')
    .filter((text) => text.trim() !== '')
    .map((text) => Line.parse(JSON.parse(text)));
  await using app = createApp(
    { model: 'tiny.en', modelsFolder: speech, cacheFolder: speech, threads: 1, precision: 'int8', ffmpeg: undefined },
    { env: {}, fetch, now: () => millis(performance.now()), warn: (message) => console.error(message) },
  );
  const clips: SpokenClip[] = [];
  for (const { file, language, reference } of lines) {
    if (language !== 'en' || reference === null || reference === '') continue;
    const pcm = await decode(app, resolve(speech, file));
    if (pcm.length < LONGEST_SECONDS * RATE) clips.push({ pcm, reference });
  }
  return clips;
}

async function decode(app: App, path: string): Promise<Int16Array> {
  const input: AudioInput = { name: path, open: () => createReadStream(path) };
  const samples: number[] = [];
  for await (const block of app.decode(input, new AbortController().signal))
    for (const value of block) samples.push(value);
  return Int16Array.from(samples, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))));
}

export interface Stream {
  readonly pcm: Int16Array;
  readonly reference: string;
  /** What it is made of, in order. */
  readonly clips: readonly SpokenClip[];
}

/**
 * Streams of at least `seconds`, each of whole clips and as much silence behind each that `share` of the time somebody speaks.
 * Every stream begins with another clip, a moment later than the one before.
 */
export function makeStreams(
  clips: readonly SpokenClip[],
  count: number,
  seconds: number,
  share: number,
): readonly Stream[] {
  return Array.from({ length: count }, (_, index) => {
    const pieces: Int16Array[] = [new Int16Array(Math.round((((index * 7) % 20) / 10) * RATE))];
    const spoken: SpokenClip[] = [];
    let length = 0;
    for (let next = index * 5; length < seconds * RATE; next++) {
      const clip = clips[next % clips.length];
      if (clip === undefined) throw new Error('no English clip in the manifest');
      const pause = new Int16Array(Math.max(RATE, Math.round((clip.pcm.length * (1 - share)) / share)));
      pieces.push(clip.pcm, pause);
      spoken.push(clip);
      length += clip.pcm.length + pause.length;
    }
    const pcm = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    pieces.reduce((at, piece) => {
      pcm.set(piece, at);
      return at + piece.length;
    }, 0);
    return { pcm, reference: spoken.map(({ reference }) => reference).join(' '), clips: spoken };
  });
}
