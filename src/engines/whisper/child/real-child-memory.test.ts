import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Clock, Segment } from '../../../core/index.ts';
import { millis, samples } from '../../../core/index.ts';
import { madeOptions } from '../testing/made-options.ts';
import { forkEngine } from './child-process.ts';
import { startEngine } from './engine-host.ts';
import type { MemoryLimit, Outgrown } from './memory-limit.ts';

const MODEL = fileURLToPath(new URL('../../../../models/ggml-tiny.en-q8_0.bin', import.meta.url));
const MIB = 2 ** 20;
/** Seconds of a segment: the longer, the more a process grows with it. */
const LONG = 28;
/** Time-outs never pass. */
const clock: Clock = { now: () => millis(0), after: () => () => {} };
const options = madeOptions();

let folder = '';
beforeAll(async () => {
  // The child is TypeScript here, and inherits what lets Node read it.
  vi.stubEnv('NODE_OPTIONS', `${process.env['NODE_OPTIONS'] ?? ''} --import tsx`);
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-test-'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const start = (memory?: MemoryLimit) =>
  startEngine({
    load: { modelPath: MODEL, modelName: 'made', cacheFolder: folder, precision: 'int8', threads: 1 },
    start: forkEngine,
    clock,
    loadTimeout: millis(1),
    hangTimeout: millis(1),
    ...(memory === undefined ? {} : { memory }),
  });

/** Noise: it is encoded and decoded as anything. */
const segment = (seconds: number): Segment => {
  const pcm = Float32Array.from({ length: seconds * 16_000 }, (_, i) => Math.sin(i * i * 0.01) * 0.1);
  return { start: samples(0), pcm, speech: [{ start: samples(0), end: samples(pcm.length) }] };
};

test('a process that grows beyond its limit is replaced after its segment; the next one goes to another', async () => {
  const told: Outgrown[] = [];
  // The first builds the graphs, which takes more than to load them.
  await (await start())[Symbol.asyncDispose]();
  const plain = await start();
  const loaded = plain.stats().memoryBytes;
  // Its size is told a moment after a segment's words: that of the first is known when the second is done.
  for (const seconds of [LONG, LONG]) await plain.transcribe(segment(seconds), options);
  const worked = plain.stats().memoryBytes;
  await plain[Symbol.asyncDispose]();
  expect(loaded).toBeGreaterThan(20 * MIB);
  expect(worked).toBeGreaterThan(loaded + 50 * MIB);
  // Two processes differ by up to 20 MiB in what they take to load: as far as can be from both sizes.
  const bytes = (loaded + worked) / 2;
  await using engine = await start({ bytes, onOutgrown: (facts) => void told.push(facts) });
  // How far a process grows with a segment is the system's affair: with one of the first few it does.
  for (let tries = 0; told.length === 0 && tries < 10; tries++)
    expect((await engine.transcribe(segment(LONG), options)).language).toBe('en');
  expect((await engine.transcribe(segment(1), options)).language).toBe('en');
  expect(told[0]?.bytes).toBeGreaterThan(bytes);
  expect(engine.stats().outgrown).toBeGreaterThanOrEqual(1);
  expect(engine.stats().restarts).toBe(engine.stats().outgrown);
}, 30_000);

test('a model that does not fit is refused, saying what it takes', async () => {
  await expect(start({ bytes: 10 * MIB, onOutgrown: () => {} })).rejects.toThrow(
    /took \d+ MiB, more than the 10 MiB that it may, to load made/,
  );
}, 30_000);
