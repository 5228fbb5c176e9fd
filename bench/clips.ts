/** The recordings of a run: read from a manifest, decoded once to the same samples for every side. */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Side } from './sides/side.ts';

const Line = z.object({
  file: z.string(),
  language: z.string(),
  /** What is said; empty when nobody speaks; null when nobody knows. */
  reference: z.string().nullable(),
});

export interface Clip {
  readonly file: string;
  readonly path: string;
  /** Raw 32-bit float samples, 16 kHz mono. */
  readonly samples: string;
  readonly seconds: number;
  readonly reference: string;
}

/** English clips by what is measured on them. */
export interface Clips {
  /** Under 29 s: one window of Whisper. */
  readonly short: readonly Clip[];
  readonly long: readonly Clip[];
  readonly nonSpeech: readonly Clip[];
}

const SHORT_SECONDS = 29;
const BYTES_A_SECOND = 16_000 * 4;

/**
 * @param speech folder that the manifest's paths start from.
 * @param decoder a side that decodes recordings; asked only for those that `cache` does not hold.
 * @throws ZodError for a line of another shape.
 */
export async function readClips(manifest: string, speech: string, cache: string, decoder: Side): Promise<Clips> {
  mkdirSync(cache, { recursive: true });
  const lines = readFileSync(manifest, 'utf8').split('\n');
  const clips: Clip[] = [];
  for (const line of lines.filter((text) => text.trim() !== '').map((text) => Line.parse(JSON.parse(text)))) {
    if (line.reference === null || (line.language !== 'en' && line.reference !== '')) continue;
    const path = resolve(speech, line.file);
    const { mtimeMs, size } = statSync(path);
    const samples = join(cache, `${line.file.replaceAll(/[^\w.-]/g, '_')}-${size}-${Math.round(mtimeMs)}.f32`);
    if (!existsSync(samples)) await decoder.ask({ op: 'decode', from: path, to: samples });
    clips.push({
      file: line.file,
      path,
      samples,
      seconds: statSync(samples).size / BYTES_A_SECOND,
      reference: line.reference,
    });
  }
  const speaks = clips.filter(({ reference }) => reference !== '');
  return {
    short: speaks.filter(({ seconds }) => seconds < SHORT_SECONDS),
    long: speaks.filter(({ seconds }) => seconds >= SHORT_SECONDS),
    nonSpeech: clips.filter(({ reference }) => reference === ''),
  };
}
