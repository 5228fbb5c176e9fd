/** Live sessions of the built server over real WebSockets, with real speech. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { liveClient, type LiveClient, type Message } from './testing/live-client.ts';
import { JFK, mustBeBuilt, startServer, transcribe, type RunningServer } from './testing/running-server.ts';

const FRAME = 3200;
const BYTES_A_SECOND = 32_000;
/** Behind RIFF's head. */
const WAV_HEAD = 44;

const Final = z.object({ segment: z.number(), text: z.string(), start_ms: z.number(), end_ms: z.number() });
const Partial = z.object({ segment: z.number(), text: z.string(), stable: z.number() });
const Ended = z.object({
  reason: z.string(),
  ledger: z.object({
    received: z.number(),
    transcribed: z.number(),
    silence: z.number(),
    suppressed: z.object({ no_speech: z.number() }),
    dropped: z.object({ failed: z.number(), cleared: z.number(), gap: z.number() }),
  }),
});

async function childrenOf({ pid }: RunningServer): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  return stdout
    .split('\n')
    .map(Number)
    .filter((child) => child > 0);
}

let folder: string;
let speech: Uint8Array;
let scripted: RunningServer;
let real: RunningServer;

beforeAll(async () => {
  mustBeBuilt();
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-live-'));
  const silence = new Uint8Array(2 * BYTES_A_SECOND);
  speech = Buffer.concat([(await readFile(JFK)).subarray(WAV_HEAD), silence]);
  real = await startServer(await mkdtemp(join(folder, 'real-')));
  scripted = await startServer(await mkdtemp(join(folder, 'scripted-')), '--engine', 'scripted');
});
afterAll(async () => {
  for (const server of [real, scripted]) server.kill('SIGKILL');
  await Promise.all([real.exited, scripted.exited]);
  await rm(folder, { recursive: true, force: true });
});

const finalsOf = (events: readonly Message[]) =>
  events.filter(({ type }) => type === 'final').map((event) => Final.parse(event));
const words = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Sends everything, ends the session and waits for its last event. */
async function speak(client: LiveClient): Promise<z.infer<typeof Ended>> {
  await client.send(speech, speech.length, FRAME);
  client.say({ type: 'end' });
  const ended = Ended.parse(await client.until('ended'));
  expect(await client.closed).toMatchObject({ code: 1000 });
  return ended;
}

function expectClosedLedger({ ledger }: z.infer<typeof Ended>, bytes: number): void {
  const { received, transcribed, silence, suppressed, dropped } = ledger;
  expect(received).toBe(bytes / 2);
  expect(transcribed + silence + suppressed.no_speech + dropped.failed + dropped.cleared + dropped.gap).toBe(received);
}

/** The first `stable` code points of every partial begin every later text of its segment. */
function expectNothingTakenBack(events: readonly Message[]): void {
  const stable = new Map<number, string>();
  for (const event of events) {
    if (event.type !== 'partial' && event.type !== 'final') continue;
    const { segment, text } = Final.pick({ segment: true, text: true }).parse(event);
    expect(text.startsWith(stable.get(segment) ?? '')).toBe(true);
    if (event.type === 'partial') stable.set(segment, Array.from(text).slice(0, Partial.parse(event).stable).join(''));
  }
}

test('real speech comes back as the words that the same recording has as a file', async () => {
  const client = await liveClient(real.url);
  const ended = await speak(client);
  const { text } = await transcribe(real, JFK, { response_format: 'text' });
  expect(
    words(
      finalsOf(client.events)
        .map((final) => final.text)
        .join(' '),
    ),
  ).toBe(words(text));
  expect(ended).toMatchObject({ reason: 'done', ledger: { dropped: { failed: 0, cleared: 0, gap: 0 } } });
  expectClosedLedger(ended, speech.length);
  expectNothingTakenBack(client.events);
});

test('a session whose socket is cut anywhere, and taken up again, has the finals of one that was not', async () => {
  const uncut = await liveClient(scripted.url);
  await speak(uncut);
  const expected = finalsOf(uncut.events);
  expect(expected.length).toBeGreaterThan(1);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(speech.length), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1999, max: 40_000 }),
      async (places, frame) => {
        const client = await liveClient(scripted.url);
        for (const place of places.toSorted((a, b) => a - b)) {
          await client.send(speech, place, frame);
          await client.cut();
        }
        const ended = await speak(client);
        expect(finalsOf(client.events)).toEqual(expected);
        expectClosedLedger(ended, speech.length);
        expectNothingTakenBack(client.events);
      },
    ),
    { numRuns: 12 },
  );
});

test('a killed engine costs no word', async () => {
  const client = await liveClient(real.url, { turns: { mode: 'manual' } });
  await client.send(speech, speech.length / 2, FRAME);
  await client.until('partial');
  for (const pid of await childrenOf(real)) process.kill(pid, 'SIGKILL');
  await speak(client);
  expect(
    words(
      finalsOf(client.events)
        .map((final) => final.text)
        .join(' '),
    ),
  ).toContain('ask what you can do for your country');
});

test('many watch one session, each all of it, and can say nothing', async () => {
  const client = await liveClient(scripted.url);
  const { session_id, view_token } = client.session();
  const heard = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const messages: Message[] = [];
      const socket = new WebSocket(`${scripted.url.replace('http', 'ws')}/v1/live`, 'stt.live.v1');
      await new Promise((resolve) => void socket.once('open', resolve));
      socket.send(JSON.stringify({ type: 'watch', session_id, view_token, last_seq: 0 }));
      const done = new Promise<void>((resolve) => {
        socket.on('message', (data: Buffer) => {
          messages.push(z.looseObject({ type: z.string() }).parse(JSON.parse(data.toString('utf8'))));
        });
        socket.on('close', () => resolve());
      });
      return { messages, done };
    }),
  );
  await speak(client);
  await Promise.all(heard.map(({ done }) => done));
  for (const { messages } of heard) expect(finalsOf(messages)).toEqual(finalsOf(client.events));
});

test('what was said can be asked for after the end', async () => {
  const client = await liveClient(scripted.url);
  await speak(client);
  const answer = await fetch(`${scripted.url}/v1/live/${client.session().session_id}`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    state: 'ended',
    text: finalsOf(client.events)
      .map(({ text }) => text)
      .join(' '),
  });
});

test('a server that stops says so, and leaves the session for its next start; one that can’t come back is ended', async () => {
  const own = await startServer(await mkdtemp(join(folder, 'stops-')), '--engine', 'scripted');
  const client = await liveClient(own.url);
  await client.send(speech, 2 * BYTES_A_SECOND, FRAME);
  const realtime = new WebSocket(`${own.url.replace('http', 'ws')}/v1/realtime?intent=transcription`);
  const types: string[] = [];
  realtime.on('message', (data: Buffer) =>
    types.push(z.object({ type: z.string() }).parse(JSON.parse(data.toString())).type),
  );
  await once(realtime, 'open');
  const audio = Buffer.from(speech.subarray(0, 2 * BYTES_A_SECOND)).toString('base64');
  realtime.send(
    JSON.stringify({
      type: 'session.update',
      session: {
        type: 'transcription',
        audio: { input: { format: { type: 'audio/pcm', rate: 24_000 }, turn_detection: null } },
      },
    }),
  );
  realtime.send(JSON.stringify({ type: 'input_audio_buffer.append', audio }));
  await expect.poll(() => types).toContain('session.updated');
  const ended = once(realtime, 'close');
  own.kill('SIGTERM');
  expect(await client.closed).toMatchObject({ code: 1001 });
  expect(client.events.map(({ type }) => type)).not.toContain('ended');
  await ended;
  expect(types).toContain('conversation.item.input_audio_transcription.completed');
  expect(await own.exited).toBe(0);
});

test('a key that has used its audio is told to come back later', async () => {
  const own = await mkdtemp(join(folder, 'limited-'));
  const keys = join(own, 'keys');
  await writeFile(keys, 'one a-key-of-one-who-speaks audio=3\n');
  const limited = await startServer(own, '--engine', 'scripted', '--api-keys-file', keys);
  try {
    const client = await liveClient(limited.url, {}, 'a-key-of-one-who-speaks');
    await client.send(speech, 8 * BYTES_A_SECOND, FRAME);
    expect(await client.closed).toMatchObject({ code: 4429 });
    expect(client.events.at(-1)).toMatchObject({ type: 'error', code: 'rate-limited', fatal: true });
  } finally {
    limited.kill('SIGKILL');
    await limited.exited;
  }
});
