/** The built server on real speech, over real HTTP. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { repeated } from '../integration/testing/recordings.ts';
import {
  JFK,
  environment,
  fixture,
  formOf,
  main,
  mustBeBuilt,
  startServer,
  transcribe,
  type RunningServer,
} from './testing/running-server.ts';

const RECORDINGS = [
  JFK,
  fixture('speech/LJ002-0035.flac'),
  fixture('speech/common_voice_en_22058266.mp3'),
  fixture('audio/jfk-8k-mulaw.wav'),
];

/** Ten seconds on two cores; more than that only on a machine that is busy with other things. */
const PATIENCE_MS = 180_000;

let folder: string;
beforeAll(async () => {
  mustBeBuilt();
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-serve-'));
});

/** What the command line makes of recordings, as documents by name: `jfk.srt`. */
async function onTheCommandLine(
  paths: readonly string[],
  ...flags: readonly string[]
): Promise<ReadonlyMap<string, string>> {
  const out = await mkdtemp(join(folder, 'out-'));
  const argv = [main, ...paths, '-f', 'txt,srt,vtt,json', '-o', out, '--quiet', ...flags];
  await promisify(execFile)(process.execPath, argv, { cwd: folder, env: environment(folder) });
  const names = await readdir(out);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(out, name), 'utf8')] as const)),
  );
}

/** Words alone: no punctuation, cue numbers, times or line breaks. */
const words = (text: string): string =>
  text
    .replaceAll(/^WEBVTT.*$|^\d+$|^.*-->.*$/gm, ' ')
    .replaceAll(/[^\p{L}\p{N}']+/gu, ' ')
    .trim();

/** The text of a document that may be JSON. */
const textOf = (document: string): string =>
  document.startsWith('{') ? z.object({ text: z.string() }).parse(JSON.parse(document)).text : document;

const servers = new Set<RunningServer>();
/** As `startServer`; is killed at the end, whatever became of the test. */
async function started(home: string, ...flags: readonly string[]): Promise<RunningServer> {
  const server = await startServer(home, '--cache-dir', join(folder, 'cache'), ...flags);
  servers.add(server);
  return server;
}
afterAll(async () => {
  for (const { kill } of servers) kill('SIGKILL');
  await Promise.all([...servers].map(({ exited }) => exited));
  await rm(folder, { recursive: true, force: true });
});

describe('a server that runs', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await started(folder);
  });

  test('gives the words of the command line, whatever the recording is coded in and in whatever format', async () => {
    const documents = await onTheCommandLine(RECORDINGS);
    const answers = await Promise.all(RECORDINGS.map((path) => transcribe(server, path, { response_format: 'text' })));
    answers.forEach(({ status, text }, i) => {
      const name = basename(RECORDINGS[i] ?? '').replace(/\.\w+$/, '.txt');
      expect([name, status, words(text)]).toEqual([name, 200, words(documents.get(name) ?? 'nothing')]);
    });
    for (const [format, name] of [
      ['srt', 'jfk.srt'],
      ['vtt', 'jfk.vtt'],
      ['json', 'jfk.json'],
      ['verbose_json', 'jfk.json'],
    ] as const) {
      const { status, text } = await transcribe(server, JFK, { response_format: format });
      expect([format, status, words(textOf(text))]).toEqual([format, 200, words(textOf(documents.get(name) ?? ''))]);
      expect(words(textOf(text))).toMatch(/ask not what your country can do for you/);
    }
  });

  test('a file that is none is told as OpenAI tells it, and the server goes on', async () => {
    const { status, text } = await transcribe(server, fixture('README.md'));
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: { type: 'invalid_request_error' } });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  test('tells what it does, and says nothing of speech in its log', async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^scriptorium_transcriptions_total\{state="succeeded"\} \d+$/m);
    expect(metrics).toMatch(/^scriptorium_audio_seconds_total\{outcome="received"\} \d/m);
    expect(metrics).toMatch(/^scriptorium_engine_segments\{model="tiny.en"\} \d/m);
    expect(server.stderr()).toContain('transcription ended');
    expect(server.stderr()).not.toMatch(/country|americans/i);
  });

  test('a second server on the same port is refused, and says why', async () => {
    const home = await mkdtemp(join(folder, 'taken-'));
    const { port } = new URL(server.url);
    await expect(started(home, '--engine', 'scripted', '--port', port)).rejects.toThrow(
      /ended with 1 .*something listens there already/s,
    );
  });

  test('a second server on the same data folder is refused, and says why', async () => {
    await expect(startServer(folder)).rejects.toThrow(/ended with 1 .*data folder/s);
  });
});

const Events = z.array(z.object({ id: z.coerce.number(), event: z.string(), index: z.number().optional() }));

/** Every event of a job, to its last. */
async function eventsOf(server: RunningServer, id: string) {
  const text = await (await fetch(`${server.url}/v1/jobs/${id}/events`)).text();
  return Events.parse(
    text
      .split('\n\n')
      .filter((block) => block.startsWith('id:'))
      .map((block) => {
        const line = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        const data: unknown = JSON.parse(line('data'));
        return { ...(typeof data === 'object' ? data : {}), id: line('id'), event: line('event') };
      }),
  );
}

/** Waits until a segment is being transcribed. */
async function busy({ url }: RunningServer): Promise<void> {
  const isBusy = async (): Promise<boolean> =>
    /^scriptorium_worker_jobs\{kind="transcribe"\} [1-9]/m.test(await (await fetch(`${url}/metrics`)).text());
  await vi.waitUntil(isBusy, { timeout: PATIENCE_MS, interval: 20 });
}

test(
  'killed in the middle of a job and started again, it finishes the job, and tells each segment once',
  async () => {
    const home = await mkdtemp(join(folder, 'killed-'));
    const talk = await repeated(home, 6);
    const first = await started(home, '--beam-size', '1');
    const created = await fetch(`${first.url}/v1/jobs`, { method: 'POST', body: await formOf(talk) });
    expect(created.status).toBe(202);
    const { id } = z.object({ id: z.string() }).parse(await created.json());
    await busy(first);
    first.kill('SIGKILL');
    expect(await first.exited).toBe(null);

    const second = await started(home, '--beam-size', '1');
    const events = await eventsOf(second, id);
    expect(events.map((event) => event.id)).toEqual(events.map((_, i) => i + 1));
    expect(events.at(-1)?.event).toBe('succeeded');
    const told = events.filter(({ event }) => event === 'segment').map(({ index }) => index);
    expect(told).toEqual(told.map((_, i) => i));
    const result = await fetch(`${second.url}/v1/jobs/${id}/result?format=text`);
    const documents = await onTheCommandLine([talk], '--beam-size', '1');
    expect(words(await result.text())).toBe(words(documents.get('repeated-6.txt') ?? 'nothing'));
  },
  PATIENCE_MS,
);

test(
  'SIGTERM lets what is under way end, takes nothing new and exits with 0',
  async () => {
    const home = await mkdtemp(join(folder, 'drained-'));
    const server = await started(home, '--beam-size', '1');
    const working = transcribe(server, await repeated(home, 3), { response_format: 'text' });
    await busy(server);
    server.kill('SIGTERM');
    const { status, text } = await working;
    expect(status).toBe(200);
    expect(text.match(/fellow Americans/g)?.length).toBe(3);
    expect(await server.exited).toBe(0);
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow('fetch failed');
  },
  PATIENCE_MS,
);

test('a second SIGTERM ends it at once', async () => {
  const home = await mkdtemp(join(folder, 'stopped-'));
  const server = await started(home, '--engine', 'scripted');
  server.kill('SIGTERM');
  server.kill('SIGTERM');
  expect([0, 130]).toContain(await server.exited);
});

test('a model that is not there ends it with the exit code for that', async () => {
  await expect(startServer(folder, '--model', 'base')).rejects.toThrow(/ended with 6 .*models pull base/s);
});

test('status and jobs ask it from the command line', async () => {
  const home = await mkdtemp(join(folder, 'asked-'));
  const server = await started(home, '--engine', 'scripted');
  const ask = async (...argv: readonly string[]): Promise<unknown> => {
    const command = [main, ...argv, '--json', '--server', server.url];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: home, env: environment(home) });
    return JSON.parse(stdout);
  };
  expect(await ask('status')).toMatchObject({ ready: true, default_model: 'tiny.en' });
  await fetch(`${server.url}/v1/jobs`, { method: 'POST', body: await formOf(JFK, { metadata: '{"case":"17"}' }) });
  const { id } = z.object({ id: z.string() }).parse(await ask('jobs', 'list'));
  expect(await ask('jobs', 'show', id)).toMatchObject({ id, file: { name: 'jfk.wav' }, metadata: { case: '17' } });
});

test('npm start runs the server, with its options too, and any command', async () => {
  const start = join(main, '../../../scripts/start.mjs');
  const run = async (...argv: readonly string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [start, ...argv], { cwd: folder, env: environment(folder) })).stdout;
  expect(await run('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  // Without arguments, or with options alone, it is `serve`, which refuses a certificate without its key.
  const env = { ...environment(folder), SCRIPTORIUM_TLS_CERT: '/nowhere/cert.pem' };
  for (const options of [[], ['--port', '9000']]) {
    const refused = promisify(execFile)(process.execPath, [start, ...options], { cwd: folder, env });
    await expect(refused).rejects.toThrow('--tls-cert and --tls-key go together');
  }
});
