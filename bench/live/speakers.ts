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
  /** Everybody begins within so long. */
  spread: z.number().default(2000),
});

const { url, manifest, speech, sessions, seconds, share, compare, spread } = Options.parse(JSON.parse(argv[2] ?? '{}'));
const streams = makeStreams(await readSpoken(manifest, speech), sessions, seconds, share);
const start = performance.now() + 500;
/** Whoever comes later opens the socket later too. */
async function come(index: number): Promise<Awaited<ReturnType<typeof speak>>> {
  const stream = streams[index];
  if (stream === undefined) return undefined;
  const at = start + (index * spread) / sessions;
  await new Promise((resolve) => void setTimeout(resolve, Math.max(0, at - 500 - performance.now())));
  return speak(url, stream, at);
}
const spoken = await Promise.all(streams.map((_stream, index) => come(index)));
const batch = batchTexts(url);
const results = [];
for (const [index, one] of spoken.entries()) {
  if (one === undefined) continue;
  const { reference = '', clips = [] } = streams[index] ?? {};
  const texts: string[] = [];
  for (const clip of compare ? clips : []) texts.push(await batch(clip));
  results.push({ ...one, reference, batch: texts.join(' ') });
}
stdout.write(JSON.stringify(results));
