/** The published client and command against the built server, over a network that breaks. */
import { execFile } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, type LiveEvent, type LiveOptions } from '../../src/client/index.ts';
import { HURRIED } from '../../src/client/testing/hurried.ts';
import { cuttingProxy } from './testing/cutting-proxy.ts';
import { environment, JFK, main, mustBeBuilt, startServer, type RunningServer } from './testing/running-server.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
/** Behind RIFF's head. */
const WAV_HEAD = 44;
const BYTES_A_SECOND = 32_000;

let folder: string;
let server: RunningServer;
let speech: Uint8Array;

beforeAll(async () => {
  mustBeBuilt();
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-client-'));
  speech = Buffer.concat([(await readFile(JFK)).subarray(WAV_HEAD), new Uint8Array(BYTES_A_SECOND)]);
  server = await startServer(folder, '--engine', 'scripted');
});
afterAll(async () => {
  server.kill('SIGKILL');
  await server.exited;
  await rm(folder, { recursive: true, force: true });
});

/** Breaks are mended in a hundredth of the usual time; nothing is given up. */
const PATIENT = { connect: 3_000_000, reconnect: 6_000_000, silence: 6_000_000 };

async function speak(url: string, frame: number, options: LiveOptions = {}) {
  const session = createClient({ url, timers: HURRIED }).live({ ...options, times: PATIENT });
  const events: LiveEvent[] = [];
  const listening = (async () => {
    for await (const event of session) events.push(event);
  })();
  for (let at = 0; at < speech.length; at += frame) await session.send(speech.subarray(at, at + frame));
  const [ended] = await Promise.all([session.end(), listening]);
  return { ended, events, finals: events.flatMap((event) => (event.type === 'final' ? [withoutSeq(event)] : [])) };
}

const withoutSeq = (event: LiveEvent): object =>
  Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'seq'));

test('wherever the network breaks, the finals are those of an unbroken run, and every sample is accounted for', async () => {
  const unbroken = await speak(server.url, 3200);
  expect(unbroken.finals.length).toBeGreaterThan(1);
  await using proxy = await cuttingProxy(server.url);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(speech.length + 5000), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 500, max: 50_000 }),
      async (places, frame) => {
        // Later than the handshake: a first connection that can't be made is an error.
        proxy.cutAt(places.map((place) => place + 3000).toSorted((a, b) => a - b));
        const { finals, ended, events } = await speak(proxy.url, frame);
        expect(finals).toEqual(unbroken.finals);
        expect(ended).toMatchObject({ reason: 'done', ledger: { received: speech.length / 2 } });
        expect(events.filter(({ type }) => type === 'continued')).toEqual([]);
      },
    ),
    { numRuns: 8 },
  );
  expect(proxy.cuts()).toBeGreaterThan(5);
});

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'after %s a server that is started again goes on with the session, and loses nothing of it',
  async (signal) => {
    const own = await mkdtemp(join(tmpdir(), 'scriptorium-restart-'));
    let running = await startServer(own, '--engine', 'scripted');
    const { port } = new URL(running.url);
    try {
      const session = createClient({ url: running.url }).live({ turns: { mode: 'manual' } });
      const events: LiveEvent[] = [];
      const listening = (async () => {
        for await (const event of session) events.push(event);
      })();
      const half = 5 * BYTES_A_SECOND;
      await session.send(speech.subarray(0, half));
      await session.finalize();
      await session.send(speech.subarray(half, half + BYTES_A_SECOND));
      running.kill(signal);
      await running.exited;
      running = await startServer(own, '--engine', 'scripted', '--port', port);
      await session.send(speech.subarray(half + BYTES_A_SECOND));
      await session.end();
      await listening;
      expect(events.filter(({ type }) => type === 'continued')).toEqual([]);
      expect(events.filter(({ type }) => type === 'moved')).toHaveLength(1);
      expect(events.at(-1)).toMatchObject({ type: 'ended', ledger: { received: speech.length / 2 } });
      const finals = events.flatMap((event) => (event.type === 'final' && event.text !== '' ? [event] : []));
      expect(finals.length).toBeGreaterThan(1);
      expect(finals.map(({ segment }) => segment)).toEqual(
        finals.map(({ segment }) => segment).toSorted((a, b) => a - b),
      );
      for (const [index, { start_ms: start }] of finals.entries()) {
        expect(start).toBeGreaterThanOrEqual(finals[index - 1]?.end_ms ?? 0);
      }
      expect(finals.at(-1)?.end_ms).toBeGreaterThan(10_000);
    } finally {
      running.kill('SIGKILL');
      await running.exited;
      await rm(own, { recursive: true, force: true });
    }
  },
);

test('whoever watches sees what the speaker does', async () => {
  const client = createClient({ url: server.url });
  const session = client.live();
  const seen: LiveEvent[] = [];
  const told: LiveEvent[] = [];
  let watching: Promise<void> | undefined;
  const listening = (async () => {
    for await (const event of session) {
      told.push(event);
      watching ??= (async () => {
        for await (const one of client.watch(session.session() ?? { id: '', viewToken: '' })) seen.push(one);
      })();
    }
  })();
  for (let at = 0; at < speech.length; at += 3200) await session.send(speech.subarray(at, at + 3200));
  await session.end();
  await listening;
  await watching;
  const lasting = (events: readonly LiveEvent[]): object[] =>
    events.filter(({ type }) => type !== 'started' && type !== 'partial').map(withoutSeq);
  expect(lasting(seen)).toEqual(lasting(told));
});

test('jobs go from a file and from a stream to their text', async () => {
  const { jobs } = createClient({ url: server.url });
  const file = await openAsBlob(JFK);
  const made = [
    await jobs.create(file, { metadata: { case: '17' } }),
    await jobs.create({ source: file.stream(), name: 'talk.wav' }, { words: true }),
  ];
  for (const { id } of made) {
    const types: string[] = [];
    for await (const { type } of jobs.events(id)) types.push(type);
    expect([types[0], types.at(-1)]).toEqual(['queued', 'succeeded']);
    expect(await jobs.wait(id)).toMatchObject({ id, status: 'succeeded' });
    const { text = '' } = await jobs.result(id);
    expect(text.split(' ').length).toBeGreaterThan(3);
    expect(await jobs.document(id, 'srt')).toContain(' --> ');
  }
  const { data } = await jobs.list({ limit: 5 });
  expect(data.map(({ file: { name } }) => name)).toEqual(expect.arrayContaining(['recording', 'talk.wav']));
  const [first] = made;
  await jobs.delete(first?.id ?? '');
  await expect(jobs.get(first?.id ?? '')).rejects.toMatchObject({ code: 'job-unknown', status: 404 });
});

test('the package has a client for Node.js and one for browsers, by their conditions', async () => {
  const script = "import('scriptorium/client').then((all) => console.log(Object.keys(all).sort().join()))";
  const exportsOf = async (...flags: readonly string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [...flags, '-e', script], { cwd: project })).stdout.trim();
  expect(await exportsOf()).toBe('ClientError,createClient');
  expect(await exportsOf('--conditions', 'browser')).toBe('ClientError,createClient,microphone');
});

test('the command prints a recording live, and how soon', async () => {
  const argv = [main, 'live', JFK, '--server', server.url, '--speed', '10'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, {
    cwd: folder,
    env: environment(folder),
  });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.every((line) => line !== '')).toBe(true);
  expect(stderr).toMatch(/^latency: first words .* settled words .* finals [\d.]+ s \(p95 [\d.]+ s\)\n$/);
});
