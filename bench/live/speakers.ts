/** A process of its own for those who speak, so that the server's work does not hold them up: `speakers.ts URL OPTIONS`. */
import { argv, stdout } from 'node:process';
import { z } from 'zod';
import { speak } from './speaker.ts';
import { makeStreams, readSpoken } from './streams.ts';

const Options = z.object({
  url: z.string(),
  manifest: z.string(),
  speech: z.string(),
  sessions: z.number(),
  seconds: z.number(),
  share: z.number(),
});

/** Everybody begins within so long. */
const SPREAD_MS = 2000;

const { url, manifest, speech, sessions, seconds, share } = Options.parse(JSON.parse(argv[2] ?? '{}'));
const streams = makeStreams(await readSpoken(manifest, speech), sessions, seconds, share);
const start = performance.now() + 500;
const spoken = await Promise.all(
  streams.map((stream, index) => speak(url, stream, start + (index * SPREAD_MS) / sessions)),
);
stdout.write(JSON.stringify(spoken.map((one, index) => ({ ...one, reference: streams[index]?.reference ?? '' }))));
