/** The servers that are compared: each a process that is started, waited for, and stopped. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCode } from '../sides/exit-code.ts';
import type { Peers } from '../sides/install.ts';

export interface Server extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Where a recording is posted. */
  readonly url: string;
  /** What stands before the paths. */
  readonly origin: string;
}

interface Command {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly path: string;
  /** Answered with success once it is ready. */
  readonly ready: string;
  readonly close?: () => void;
}

const COUNTING = fileURLToPath(new URL('../live/counting-server.ts', import.meta.url));
const START_MS = 120_000;
const LOOK_EVERY_MS = 100;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function start(make: (port: number) => Command): Promise<Server> {
  const port = await freePort();
  const { name, program, args, path, ready, close } = make(port);
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = exitCode(child);
  let gone = false;
  ended.then(
    () => (gone = true),
    () => (gone = true),
  );
  const origin = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<boolean> => (await fetch(`${origin}${ready}`)).ok;
  const deadline = performance.now() + START_MS;
  while (!(await answers().catch(() => false))) {
    if (gone || performance.now() > deadline) throw new Error(`${name} does not start: ${program} ${args.join(' ')}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return {
    name,
    pid: child.pid ?? 0,
    url: `${origin}${path}`,
    origin,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      close?.();
    },
  };
}

/**
 * The product as it is shipped. @param flags of the command, beside where it keeps things. @param given its data folder, which
 * stays; one of its own, unless given.
 */
export function startServing(
  main: string,
  cacheFolder: string,
  flags: readonly string[] = [],
  given?: string,
): Promise<Server> {
  const data = given ?? mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
  const folders = ['--cache-dir', cacheFolder, '--data-dir', data];
  return start((port) => ({
    name: 'scriptorium serve',
    program: process.execPath,
    args: [main, 'serve', '--quiet', '--port', String(port), ...folders, ...flags],
    path: '/v1/audio/transcriptions',
    ready: '/readyz',
    close: () => {
      if (given === undefined) rmSync(data, { recursive: true, force: true });
    },
  }));
}

/** The least that a gateway could be (`live/counting-server.ts`). */
export function startCounting(): Promise<Server> {
  return start((port) => ({
    name: 'a server that counts',
    program: process.execPath,
    args: ['--import', 'tsx', COUNTING, String(port)],
    path: '/',
    ready: '/',
  }));
}

/** One part of a site: a gateway, a worker or an aggregator. @param flags its broker among them. */
export function startPart(
  main: string,
  role: 'gateway' | 'worker' | 'aggregator',
  flags: readonly string[],
): Promise<Server> {
  return start((port) => ({
    name: `scriptorium ${role}`,
    program: process.execPath,
    args: [main, role, '--quiet', '--port', String(port), ...flags],
    path: '/v1/audio/transcriptions',
    ready: '/readyz',
  }));
}

/** Greedy, as the others are. */
export const greedy = (threads: number): readonly string[] => ['--beam-size', '1', '--threads', String(threads)];

export const startOurs = (main: string, cacheFolder: string, threads: number): Promise<Server> =>
  startServing(main, cacheFolder, greedy(threads));

export function startFasterWhisper(peers: Peers, script: string, threads: number): Promise<Server> {
  return start((port) => ({
    name: 'faster-whisper behind FastAPI',
    program: peers.fasterWhisper,
    args: [script, peers.fasterWhisperModel, String(port), String(threads)],
    path: '/v1/audio/transcriptions',
    ready: '/ready',
  }));
}

export function startWhisperCpp(peers: Peers, model: string, threads: number): Promise<Server> {
  const settings = ['--threads', String(threads), '--beam-size', '1', '--best-of', '1', '--language', 'en'];
  return start((port) => ({
    name: 'whisper.cpp server',
    program: peers.whisperServer,
    args: ['--model', model, '--host', '127.0.0.1', '--port', String(port), ...settings],
    path: '/inference',
    ready: '/health',
  }));
}
