/** A thousand who watch one session, each on a socket of its own, at the built server. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { JFK, mustBeBuilt, startServer, type RunningServer } from './testing/running-server.ts';

const VIEWERS = 1000;
/** Sockets that are opened at once. */
const AT_ONCE = 50;
const WAV_HEAD = 44;
const FRAME = 3200;
const Told = z.looseObject({ type: z.string(), seq: z.number().optional(), text: z.string().optional() });

let folder: string;
let server: RunningServer;
beforeAll(async () => {
  mustBeBuilt();
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-viewers-'));
  server = await startServer(folder, '--engine', 'scripted');
});
afterAll(async () => {
  server.kill('SIGKILL');
  await server.exited;
  await rm(folder, { recursive: true, force: true });
});

interface Viewer {
  readonly told: z.infer<typeof Told>[];
  /** The code that its socket was closed with. */
  readonly closed: Promise<number>;
}

/** @returns once the server has answered. */
function view(session: { readonly id: string; readonly viewToken: string }): Promise<Viewer> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/live`, 'stt.live.v1');
  const told: z.infer<typeof Told>[] = [];
  const closed = new Promise<number>((resolve) => void socket.on('close', resolve));
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      const { id, viewToken } = session;
      socket.send(JSON.stringify({ type: 'watch', session_id: id, view_token: viewToken, last_seq: 0 }));
    });
    socket.on('message', (data: Buffer) => {
      told.push(Told.parse(JSON.parse(data.toString('utf8'))));
      resolve({ told, closed });
    });
  });
}

test('a thousand viewers of one session are all told its finals and its end, in order, and the speaker is not held up', async () => {
  const sound = Buffer.concat([(await readFile(JFK)).subarray(WAV_HEAD), new Uint8Array(10 * FRAME)]);
  const session = createClient({ url: server.url }).live();
  const spoken: z.infer<typeof Told>[] = [];
  const listening = (async () => {
    for await (const event of session) spoken.push(Told.parse(event));
  })();
  await session.send(sound.subarray(0, FRAME));
  const known = session.session();
  if (known === undefined) throw new Error('no session');
  const viewers: Viewer[] = [];
  while (viewers.length < VIEWERS) {
    viewers.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => view(known)))));
  }
  for (let at = FRAME; at < sound.length; at += FRAME) await session.send(sound.subarray(at, at + FRAME));
  const [ended] = await Promise.all([session.end(), listening]);
  expect(ended.reason).toBe('done');

  const codes = await Promise.all(viewers.map(({ closed }) => closed));
  expect(new Set(codes)).toEqual(new Set([1000]));
  const finals = spoken.filter(({ type }) => type === 'final').map(({ text }) => text);
  expect(finals.length).toBeGreaterThan(0);
  for (const { told } of viewers) {
    expect(told.filter(({ type }) => type === 'final').map(({ text }) => text)).toEqual(finals);
    expect(told.at(-1)?.type).toBe('ended');
    const numbers = told.flatMap(({ seq }) => seq ?? []);
    expect(numbers.every((seq, index) => index === 0 || seq > (numbers[index - 1] ?? 0))).toBe(true);
  }
});
