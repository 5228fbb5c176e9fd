/** A real Redis of a test's own: on a free port of this machine, in a folder that goes with it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /** As `kill -9` does; what it had saved is there when it starts again. */
  kill(): Promise<void>;
  /** On the same port and folder. */
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const PROGRAM = 'redis-server';
const START_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** Whether this machine has one: its tests are skipped by name where it has none. */
export const HAS_REDIS = spawnSync(PROGRAM, ['--version']).status === 0;

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => void server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      resolve(/^(\+PONG|-NOAUTH|-NOPERM)/u.test(data.toString()));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/** @param settings of Redis, as on its command line, beside those that keep it to this machine. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-redis-'));
  const port = await freePort();
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const begun = performance.now();
    const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--daemonize', 'no'];
    const process = spawn(PROGRAM, [...fixed, ...settings], { stdio: 'ignore' });
    child = process;
    while (!(await answers(port))) {
      if (process.exitCode !== null) throw new Error(`redis-server ended with ${process.exitCode}`);
      if (performance.now() - begun > START_LIMIT_MS) throw new Error('redis-server does not answer');
      await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  const kill = async (): Promise<void> => {
    if (child === undefined) return;
    child.kill('SIGKILL');
    await ended(child);
  };

  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child?.pid ?? 0;
    },
    kill,
    start,
    signal: (name) => void child?.kill(name),
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
