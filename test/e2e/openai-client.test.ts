/** OpenAI's own client, and our examples, against the built server. */
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import OpenAI, { AzureOpenAI, BadRequestError, NotFoundError, toFile } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JFK, mustBeBuilt, startServer, type RunningServer } from './testing/running-server.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const HEARD = /ask what you can do for your country/i;

let folder: string;
let server: RunningServer;
let client: OpenAI;
beforeAll(async () => {
  mustBeBuilt();
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-openai-'));
  server = await startServer(folder, '--cache-dir', join(folder, 'cache'));
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'any', maxRetries: 0 });
});
afterAll(async () => {
  server.kill('SIGKILL');
  await server.exited;
  await rm(folder, { recursive: true, force: true });
});

const jfk = () => createReadStream(JFK);

test('gives text in every format', async () => {
  const { text } = await client.audio.transcriptions.create({ file: jfk(), model: 'whisper-1' });
  expect(text).toMatch(HEARD);
  for (const format of ['text', 'srt', 'vtt'] as const) {
    const body = await client.audio.transcriptions.create({ file: jfk(), model: 'whisper-1', response_format: format });
    expect(body.replaceAll(/\s+/g, ' ')).toContain('your country');
  }
});

test('gives segments and words', async () => {
  const spoken = await client.audio.transcriptions.create({
    file: jfk(),
    model: 'tiny.en',
    response_format: 'verbose_json',
    timestamp_granularities: ['word', 'segment'],
  });
  expect(spoken).toMatchObject({ language: 'english', duration: 11 });
  expect(spoken.words?.length).toBeGreaterThan(15);
  expect(spoken.segments?.[0]?.avg_logprob).toBeLessThan(0);
});

test('streams deltas that make up the text', async () => {
  const events = await client.audio.transcriptions.create({
    file: jfk(),
    model: 'gpt-4o-transcribe',
    stream: true,
    chunking_strategy: { type: 'server_vad', threshold: 0.5 },
  });
  let said = '';
  let whole = '';
  for await (const event of events) {
    if (event.type === 'transcript.text.delta') said += event.delta;
    else if (event.type === 'transcript.text.done') whole = event.text;
  }
  expect(whole).toMatch(HEARD);
  expect(said).toBe(whole);
});

test('throws the errors that callers look for', async () => {
  const send = (file: Awaited<ReturnType<typeof toFile>> | ReturnType<typeof jfk>, model: string) =>
    client.audio.transcriptions.create({ file, model });
  const unknown = send(jfk(), 'large-v9');
  await expect(unknown).rejects.toBeInstanceOf(NotFoundError);
  await expect(unknown).rejects.toMatchObject({ code: 'model_not_found', param: 'model' });
  await expect(send(await toFile(Buffer.from('no audio'), 'a.wav'), 'whisper-1')).rejects.toBeInstanceOf(
    BadRequestError,
  );
  const empty = send(await toFile(Buffer.alloc(0), 'a.wav'), 'whisper-1');
  await expect(empty).rejects.toMatchObject({ status: 400, code: 'audio_too_short' });
});

test('lists models, and works as Azure', async () => {
  const ids: string[] = [];
  for await (const { id } of client.models.list()) ids.push(id);
  expect(ids).toEqual(expect.arrayContaining(['tiny.en', 'whisper-1']));
  const azure = new AzureOpenAI({
    endpoint: server.url,
    apiKey: 'any',
    apiVersion: '2025-03-01-preview',
    maxRetries: 0,
  });
  const { text } = await azure.audio.transcriptions.create({ file: jfk(), model: 'whisper-1' });
  expect(text).toMatch(HEARD);
});

test.each([
  ['node', ['examples/openai-node.mjs']],
  ['sh', ['examples/transcribe.sh']],
])('the example for %s works as it is', async (program, argv) => {
  const env = { ...process.env, SCRIPTORIUM_URL: server.url };
  const { stdout } = await promisify(execFile)(program, argv, { cwd: project, env });
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(HEARD);
});
