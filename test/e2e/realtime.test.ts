/** OpenAI's own Realtime client, and a page's bare WebSocket, against the built server. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { JFK, mustBeBuilt, startServer, type RunningServer } from './testing/running-server.ts';

const HEARD = /ask what you can do for your country/i;
/** Behind RIFF's head; 16 kHz. */
const WAV_HEAD = 44;
const FRAME = 32_000;
const FORMAT = { type: 'audio/pcm', rate: 16_000 };
const TRANSCRIPTION = 'conversation.item.input_audio_transcription';

let folder: string;
let server: RunningServer;
let appends: readonly string[];
beforeAll(async () => {
  mustBeBuilt();
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-realtime-'));
  await mkdir(join(folder, 'idle'));
  server = await startServer(folder);
  const speech = (await readFile(JFK)).subarray(WAV_HEAD);
  appends = Array.from({ length: Math.ceil(speech.length / FRAME) }, (_, index) =>
    speech.subarray(index * FRAME, (index + 1) * FRAME).toString('base64'),
  );
});
afterAll(async () => {
  server.kill('SIGKILL');
  await server.exited;
  await rm(folder, { recursive: true, force: true });
});

const Told = z.looseObject({ type: z.string() });
type Told = z.infer<typeof Told>;

test('OpenAI’s client hears one turn that it commits by itself', async () => {
  const { hostname, port } = new URL(server.url);
  const client = new OpenAI({ baseURL: `https://${hostname}:${port}/v1`, apiKey: 'any' });
  // The client insists on TLS; a connection that is made for it is taken as it is.
  const options = { createConnection: () => connect(Number(port), hostname) };
  const realtime = new OpenAIRealtimeWS({ model: 'gpt-realtime-whisper', options }, client);
  const events: Told[] = [];
  const completed = new Promise<string>((resolve, reject) => {
    realtime.on('error', reject);
    realtime.on('event', (event) => void events.push(Told.parse(event)));
    realtime.on(`${TRANSCRIPTION}.completed`, ({ transcript }) => resolve(transcript));
  });
  realtime.socket.on('open', () => {
    // Without waiting for any answer, as the AI SDK does.
    realtime.socket.send(
      JSON.stringify({
        type: 'session.update',
        session: { type: 'transcription', audio: { input: { format: FORMAT, turn_detection: null } } },
      }),
    );
    for (const audio of appends) realtime.send({ type: 'input_audio_buffer.append', audio });
    realtime.send({ type: 'input_audio_buffer.commit' });
  });
  const transcript = await completed;
  realtime.close();
  expect(transcript).toMatch(HEARD);
  const deltas = events.filter(({ type }) => type === `${TRANSCRIPTION}.delta`);
  expect(deltas.map(({ delta }) => delta).join('')).toBe(transcript);
  const order = ['session.created', 'session.updated', 'input_audio_buffer.committed', 'conversation.item.done'];
  expect(events.map(({ type }) => type).filter((type) => order.includes(type))).toEqual(order);
});

test('a page with a client secret speaks in the session that the secret was made for, and hears turns by VAD', async () => {
  const answer = await fetch(`${server.url}/v1/realtime/client_secrets`, {
    method: 'POST',
    body: JSON.stringify({
      session: { type: 'transcription', audio: { input: { format: FORMAT, transcription: { model: 'whisper-1' } } } },
    }),
  });
  const { value } = z.object({ value: z.string().startsWith('ek_') }).parse(await answer.json());
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/realtime?intent=transcription`, [
    'realtime',
    `openai-insecure-api-key.${value}`,
  ]);
  const events: Told[] = [];
  const transcripts: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const event = Told.parse(JSON.parse(data.toString('utf8')));
      events.push(event);
      if (event.type === 'session.created') {
        for (const audio of [...appends, Buffer.alloc(2 * FRAME).toString('base64')]) {
          socket.send(JSON.stringify({ type: 'input_audio_buffer.append', audio }));
        }
      }
      if (event.type !== `${TRANSCRIPTION}.completed`) return;
      transcripts.push(event['transcript']);
      if (HEARD.test(transcripts.join(' '))) resolve();
    });
  });
  socket.close();
  expect(socket.protocol).toBe('realtime');
  expect(events[0]).toMatchObject({
    session: { audio: { input: { format: FORMAT, turn_detection: { type: 'server_vad' } } } },
  });
  const count = (name: string): number => events.filter(({ type }) => type === name).length;
  expect(count('input_audio_buffer.speech_started')).toBe(count('input_audio_buffer.speech_stopped'));
  expect(count('input_audio_buffer.committed')).toBe(transcripts.length);
  expect(count('error')).toBe(0);
});

test('what is wrong is told, and the session goes on', async () => {
  // One that has nothing to do: a machine that is overloaded refuses sessions behind those that it was slow for.
  const idle = await startServer(join(folder, 'idle'), '--engine', 'scripted');
  onTestFinished(() => idle.kill('SIGKILL'));
  const socket = new WebSocket(`${idle.url.replace('http', 'ws')}/v1/realtime`, 'realtime');
  const errors: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      for (const text of ['{', '{"type":"response.create"}', '{"type":"input_audio_buffer.commit"}']) socket.send(text);
      socket.send(JSON.stringify({ type: 'session.update', session: { audio: { input: { turn_detection: null } } } }));
    });
    socket.on('message', (data: Buffer) => {
      const event = Told.parse(JSON.parse(data.toString('utf8')));
      if (event.type === 'error') errors.push(z.object({ code: z.string() }).parse(event['error']).code);
      if (event.type === 'session.updated') resolve();
    });
  });
  socket.close();
  expect(errors).toEqual(['invalid_json', 'invalid_value', 'input_audio_buffer_commit_empty']);
});
