/**
 * The product as one side of the bench: a process that answers the same JSON lines as the peers (`side.ts`), through the
 * public API. Samples are read and wrapped as WAV files in memory before the clock starts.
 */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { createApp } from '../../src/app/index.ts';
import type { App, AudioInput } from '../../src/app/index.ts';
import { millis } from '../../src/core/index.ts';
import { DEFAULTS } from './defaults.ts';
import { wavHeader } from './wav.ts';

const Request = z.discriminatedUnion('op', [
  z.object({
    op: z.literal('load'),
    model: z.string(),
    cacheFolder: z.string(),
    threads: z.number(),
    precision: z.enum(['int8', 'f32']),
  }),
  z.object({
    op: z.literal('run'),
    clips: z.array(z.string()),
    setting: z.enum(['greedy', 'default']),
    together: z.boolean().default(false),
    atOnce: z.number().optional(),
    words: z.boolean().default(false),
  }),
  z.object({ op: z.literal('file'), path: z.string() }),
]);
type Request = z.infer<typeof Request>;

const wavs = new Map<string, Uint8Array>();

function wavOf(path: string): Uint8Array {
  const known = wavs.get(path);
  if (known !== undefined) return known;
  const samples = readFileSync(path);
  const made = Buffer.concat([wavHeader('float32', samples.length), samples]);
  wavs.set(path, made);
  return made;
}

function inputOf(path: string): AudioInput {
  const bytes = wavOf(path);
  return {
    name: path,
    bytes: bytes.length,
    async *open() {
      yield bytes;
    },
  };
}

async function run(app: App, asked: Extract<Request, { op: 'run' }>): Promise<unknown> {
  const { clips, setting, together, words, atOnce = together ? clips.length : 1 } = asked;
  const request = { ...DEFAULTS, beamSize: setting === 'greedy' ? 1 : DEFAULTS.beamSize, words };
  const inputs = clips.map(inputOf);
  const one = async (input: AudioInput) => (await app.transcribe(input, request))[0];
  const start = performance.now();
  const transcripts: Awaited<ReturnType<typeof one>>[] = [];
  const left = [...inputs.entries()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) transcripts[next[0]] = await one(next[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const wall = (performance.now() - start) / 1000;
  return {
    wall,
    texts: transcripts.map((transcript) => transcript?.text ?? ''),
    ...(words && {
      words: transcripts.map((transcript) =>
        (transcript?.segments ?? []).flatMap((segment) =>
          (segment.words ?? []).map((word) => [word.text, word.start / 1000]),
        ),
      ),
    }),
    segments: app.stats()?.segments ?? 0,
  };
}

/** A file from the disk, as the command line reads it. */
async function file(app: App, path: string): Promise<unknown> {
  const bytes = statSync(path).size;
  const input: AudioInput = { name: path, path, bytes, open: () => createReadStream(path) };
  const [transcript] = await app.transcribe(input, DEFAULTS);
  return { characters: transcript?.text.length ?? 0 };
}

function load({ model, cacheFolder, threads, precision }: Extract<Request, { op: 'load' }>): App {
  return createApp(
    { model, modelsFolder: cacheFolder, cacheFolder, threads, precision, ffmpeg: undefined },
    { env: {}, fetch, now: () => millis(performance.now()), warn: (message) => process.stderr.write(`${message}\n`) },
  );
}

let app: App | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const request = Request.parse(JSON.parse(line));
  let answer: unknown;
  if (request.op === 'load') {
    app = load(request);
    answer = { versions: await app.versions() };
  } else {
    if (app === undefined) throw new Error('load comes first');
    answer = request.op === 'run' ? await run(app, request) : await file(app, request.path);
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await app?.[Symbol.asyncDispose]();
