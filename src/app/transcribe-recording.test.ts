import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { decodeTo16k, loadSileroVad } from '../audio/index.ts';
import type { DecodeOptions, Engine, Segment, TranscriptSegment, Vad } from '../core/index.ts';
import { millis, samples } from '../core/index.ts';
import { forkEngine, startEnginePool } from '../engines/whisper/index.ts';
import type { AudioInput, Progress, TranscribeRequest } from './app.ts';
import { DEFAULT_REQUEST } from './default-request.ts';
import { nodeClock } from './node-clock.ts';
import { VAD_MODEL } from './package-files.ts';
import { transcribeRecording } from './transcribe-recording.ts';

const ROOT = new URL('../../', import.meta.url);
const JFK = fileURLToPath(new URL('examples/jfk.wav', ROOT));
const MODEL = fileURLToPath(new URL('models/ggml-tiny.en-q8_0.bin', ROOT));
/** The heads of tiny.en that follow the audio, as OpenAI publishes them. */
const HEADS = [
  [1, 0],
  [2, 0],
  [2, 5],
  [3, 0],
  [3, 1],
  [3, 2],
  [3, 3],
  [3, 4],
] as const;
const speech = (file: string): string => fileURLToPath(new URL(`test/fixtures/speech/${file}`, ROOT));

const JFK_SAYS =
  'And so my fellow Americans ask not what your country can do for you ask what you can do for your country';

const request: TranscribeRequest = { ...DEFAULT_REQUEST, language: 'en', beamSize: 1, temperatures: [0] };
const { channels: _channels, previousText: _previousText, ...decode }: TranscribeRequest = request;

let folder = '';
let kill = (): void => {};
let engine: Engine;
let vad: Vad;

beforeAll(async () => {
  // The child is TypeScript here, and inherits what lets Node read it.
  vi.stubEnv('NODE_OPTIONS', `${process.env['NODE_OPTIONS'] ?? ''} --import tsx`);
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-test-'));
  engine = await startEnginePool({
    children: 1,
    load: {
      modelPath: MODEL,
      modelName: 'tiny.en',
      alignmentHeads: HEADS,
      cacheFolder: folder,
      precision: 'int8',
      threads: 2,
    },
    start: () => {
      const child = forkEngine();
      kill = () => child.kill();
      return child;
    },
    clock: nodeClock,
    loadTimeout: millis(60_000),
    hangTimeout: millis(60_000),
  });
  vad = await loadSileroVad(VAD_MODEL);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await vad[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

const bare = (text: string): string => text.replaceAll(/[^\w ]/g, '');
const file = (path: string): AudioInput => ({ name: path, path, open: () => createReadStream(path) });

async function read(path: string): Promise<Float32Array> {
  const audio = await decodeTo16k(createReadStream(path), { name: path, channels: 'mix' });
  const blocks: Float32Array[] = [];
  for await (const [block] of audio.blocks) if (block !== undefined) blocks.push(block);
  return Float32Array.from(blocks.flatMap((block) => [...block]));
}

/** A WAV file of 16 bits at 16 kHz; shorter channels end in silence. */
function wav(channels: readonly Float32Array[]): AudioInput {
  const frames = Math.max(...channels.map(({ length }) => length));
  const bytes = Buffer.alloc(44 + frames * channels.length * 2);
  bytes.write('RIFF');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels.length, 22);
  bytes.writeUInt32LE(16_000, 24);
  bytes.writeUInt32LE(32_000 * channels.length, 28);
  bytes.writeUInt16LE(2 * channels.length, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(bytes.length - 44, 40);
  channels.forEach((channel, c) =>
    channel.forEach((value, i) => bytes.writeInt16LE(Math.round(value * 32_767), 44 + (i * channels.length + c) * 2)),
  );
  return {
    name: 'made.wav',
    async *open() {
      for (let from = 0; from < bytes.length; from += 65_536) {
        yield await Promise.resolve(bytes.subarray(from, from + 65_536));
      }
    },
  };
}

const segmentOf = (pcm: Float32Array): Segment => ({
  start: samples(0),
  pcm,
  speech: [{ start: samples(0), end: samples(pcm.length) }],
});

describe('transcribeRecording', () => {
  test('writes down what a president said, word for word', async () => {
    const heard: TranscriptSegment[] = [];
    const progress: Progress[] = [];
    const transcripts = await transcribeRecording(
      file(JFK),
      { ...request, words: true },
      { engine, vad },
      { onSegment: (segment) => heard.push(segment), onProgress: (one) => progress.push(one) },
    );
    expect(transcripts.length).toBe(1);
    const [transcript] = transcripts;
    expect(bare(transcript?.text ?? '')).toBe(JFK_SAYS);
    expect(transcript).toMatchObject({ language: 'en', task: 'transcribe', duration: 11_000 });
    expect(transcript).not.toHaveProperty('channel');
    expect(heard).toEqual(transcript?.segments);

    const words = heard.flatMap((segment) => segment.words ?? []);
    expect(bare(words.map(({ text }) => text).join(' '))).toBe(JFK_SAYS);
    words.forEach(({ start, end }, i) => {
      expect(start).toBeGreaterThanOrEqual(words[i - 1]?.end ?? 0);
      expect(end).toBeGreaterThanOrEqual(start);
      expect(end).toBeLessThanOrEqual(11_000);
    });
    const tokens = heard.flatMap((segment) => segment.tokens);
    expect(tokens.length).toBeGreaterThan(20);
    expect(tokens).toEqual(words.flatMap((word) => word.tokens));
    // The first "country" is said at 6.0 s.
    const country = words.find(({ text }) => bare(text) === 'country');
    expect(Math.abs((country?.start ?? 0) - 6020)).toBeLessThan(200);

    progress.forEach((one, i) => {
      expect(one.decodedMs).toBeGreaterThanOrEqual(progress[i - 1]?.decodedMs ?? 0);
      expect(one.transcribedMs).toBeGreaterThanOrEqual(progress[i - 1]?.transcribedMs ?? 0);
      expect(one.transcribedMs).toBeLessThanOrEqual(one.decodedMs);
    });
    expect(progress.at(-1)).toEqual({ decodedMs: 11_000, transcribedMs: 11_000, totalMs: 11_000 });
  });

  test('keeps channels apart when it is told to', async () => {
    const [president, book] = await Promise.all([read(JFK), read(speech('sense-0870.flac'))]);
    const input = wav([president, book]);
    const channels: number[] = [];
    const [left, right, ...others] = await transcribeRecording(
      input,
      { ...request, channels: 'split' },
      { engine, vad },
      { onSegment: (_segment, channel) => channels.push(channel) },
    );
    expect(others).toEqual([]);
    expect([left?.channel, right?.channel]).toEqual([0, 1]);
    expect([left?.duration, right?.duration]).toEqual([11_000, 11_000]);
    expect(bare(left?.text ?? '')).toBe(JFK_SAYS);
    expect(right?.text).toMatch(/leisure to consider/);
    expect(new Set(channels)).toEqual(new Set([0, 1]));
  });

  test('tells how many transcripts there will be, and transcribes nothing when that is refused', async () => {
    const before = engine.stats().segments;
    const input = wav([await read(JFK), new Float32Array(16_000)]);
    const opened: number[] = [];
    for (const channels of ['mix', 'split'] as const) {
      const onOpened = (transcripts: number): Promise<void> => {
        opened.push(transcripts);
        return Promise.reject(new Error('not wanted'));
      };
      const work = transcribeRecording(input, { ...request, channels }, { engine, vad }, { onOpened });
      await expect(work).rejects.toThrow('not wanted');
    }
    expect([opened, engine.stats().segments]).toEqual([[1, 2], before]);
  });

  test('finds nothing in silence and asks the engine nothing', async () => {
    const before = engine.stats().segments;
    const transcripts = await transcribeRecording(file(speech('silence-15s.flac')), request, { engine, vad });
    expect(transcripts).toEqual([{ text: '', language: 'en', task: 'transcribe', duration: 15_000, segments: [] }]);
    expect(engine.stats().segments).toBe(before);
  });

  test('stops when it is cancelled', async () => {
    const stop = new AbortController();
    const hooks = { signal: stop.signal, onProgress: () => stop.abort() };
    await expect(transcribeRecording(file(JFK), request, { engine, vad }, hooks)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('the engine process', () => {
  test('may be killed at work: its segment fails with a code, and the next one is heard by a new process', async () => {
    const segment = segmentOf(await read(JFK));
    const restarts = engine.stats().restarts;
    const lost = engine.transcribe(segment, decode).then(
      () => 'heard',
      (error: unknown) => error,
    );
    await new Promise<void>((resolve) => void setImmediate(resolve));
    kill();
    expect(await lost).toMatchObject({ code: 'engine-crashed' });
    expect(bare((await engine.transcribe(segment, decode)).text)).toBe(JFK_SAYS);
    expect(engine.stats().restarts).toBe(restarts + 1);
  });

  test('refuses a language that its model does not know, with the same code as in its own process', async () => {
    const segment = segmentOf(new Float32Array(16_000));
    const options: DecodeOptions = { ...decode, language: 'de' };
    await expect(engine.transcribe(segment, options)).rejects.toMatchObject({ code: 'language-unsupported' });
  });
});

test('the example is the recording that the fixtures hold', async () => {
  const fixture = fileURLToPath(new URL('test/fixtures/audio/jfk.wav', ROOT));
  expect((await readFile(JFK)).equals(await readFile(fixture))).toBe(true);
});
