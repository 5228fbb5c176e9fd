/** A process of its own for those who speak, so that the server's work does not hold them up: `speakers.ts URL OPTIONS`. */
import { argv, stdout } from 'node:process';
import { z } from 'zod';
import { batchTexts } from './batch-texts.ts';
import { speak } from './speaker.ts';
import { makeStreams, readSpoken } from './streams.ts';

const Options = z.object({
  url: z.string(),
  manifest: z.string(),
  speech: z.string(),
  sessions: z.number(),
  seconds: z.number(),
  share: z.number(),
  /** Whether the same clips are transcribed as files, to compare the words. */
  compare: z.boolean().default(true),
});

/** Everybody begins within so long. */
const SPREAD_MS = 2000;

const { url, manifest, speech, sessions, seconds, share, compare } = Options.parse(JSON.parse(argv[2] ?? '{}'));
const streams = makeStreams(await readSpoken(manifest, speech), sessions, seconds, share);
const start = performance.now() + 500;
const spoken = await Promise.all(
  streams.map((stream, index) => speak(url, stream, start + (index * SPREAD_MS) / sessions)),
);
const batch = batchTexts(url);
const results = [];
for (const [index, one] of spoken.entries()) {
  const { reference = '', clips = [] } = streams[index] ?? {};
  const texts: string[] = [];
  for (const clip of compare ? clips : []) texts.push(await batch(clip));
  results.push({ ...one, reference, batch: texts.join(' ') });
}
stdout.write(JSON.stringify(results));
