import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { recordOf } from '../contracts/made-sessions.ts';
import type { Said } from './crash-life.ts';
import { SESSION, fold, openForCrash, work } from './crash-life.ts';

const KILLS = 8;
/** A round's first job: no round puts so many. */
const ROUND = 100_000;
const child = fileURLToPath(new URL('./crash-child.ts', import.meta.url));

/** Runs a process over the folder, kills it when it has said so many lines, and tells what it had been promised. */
async function liveAndDie(folder: string, first: number, lines: number): Promise<readonly Said[]> {
  const life = spawn(process.execPath, ['--import', 'tsx', child, folder, String(first)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Said[] = [];
  let failure = '';
  life.stderr.on('data', (text) => {
    failure += String(text);
  });
  const gone = once(life, 'close');
  for await (const line of createInterface({ input: life.stdout })) {
    if (!line.endsWith('}')) continue;
    const one = read(line);
    said.push(one);
    if (said.length === lines) life.kill('SIGKILL');
  }
  await gone;
  if (life.signalCode !== 'SIGKILL') throw new Error(`it ended by itself: ${failure}`);
  return said;
}

const read: (line: string) => Said = JSON.parse;

/** From a fixed series, between 1 and 400 lines; what it does at that moment is as random as the machine is. */
const linesOf = (round: number): number => 1 + ((round * 7919) % 400);

test(`loses nothing that it promised, and does nothing twice, when its process is killed ${KILLS} times`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-chaos-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const before = await openForCrash(folder);
  await before.sessions.create(SESSION, 'tenant', recordOf('crash'));
  await before[Symbol.asyncDispose]();

  const said: Said[] = [];
  for (let round = 1; round <= KILLS; round++) {
    const heard = await liveAndDie(folder, round * ROUND, linesOf(round));
    said.push(...heard);
  }

  await using broker = await openForCrash(folder);
  await work(broker, 0, (one) => void said.push(one));
  await fold(broker, 0, (one) => void said.push(one));

  const tokens = said.flatMap((one) => (one.type === 'claimed' ? [one.token] : []));
  expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
  expect(new Set(tokens).size).toBe(tokens.length);

  const log = await broker.events.read(SESSION, 0, 1_000_000);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  expect(log.length).toBeGreaterThanOrEqual(
    Math.max(0, ...said.map((one) => (one.type === 'appended' ? one.last : 0))),
  );
  const folded = log.flatMap(({ event }) => (event.type === 'progress' ? [event.totalMs] : []));
  expect(new Set(folded).size, 'a job is visible twice').toBe(folded.length);

  const jobsOf = (type: 'put' | 'committed') =>
    said.flatMap((one) => (one.type === type && 'job' in one ? [one.job] : []));
  const seen = new Set<number | undefined>(folded);
  expect(jobsOf('put').filter((job) => !seen.has(job))).toEqual([]);
  expect(jobsOf('committed').filter((job) => !seen.has(job))).toEqual([]);
  expect(new Set(jobsOf('committed')).size, 'a commit was said twice').toBe(jobsOf('committed').length);
  expect(broker.jobs.stats()).toMatchObject({ leased: 0, delayed: 0, dead: 0 });
  expect(broker.results.pending()).toBe(0);

  const blobs = said.flatMap((one) => (one.type === 'blob' ? [one] : []));
  const there = new Set(await broker.blobs.list(SESSION));
  for (const { key, sha256 } of blobs) {
    expect(there.has(key)).toBe(true);
    const hash = createHash('sha256');
    for await (const chunk of broker.blobs.open(key)) hash.update(chunk);
    expect(hash.digest('hex')).toBe(sha256);
  }
  expect(await readdir(join(folder, 'blobs', '.parts'))).toEqual([]);
  expect(jobsOf('put').length, 'the processes did too little to prove anything').toBeGreaterThan(KILLS * 5);
});
