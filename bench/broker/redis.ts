/** A Redis of the bench's own, and what it costs. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobsOf } from '../scale/messages.ts';
import { exitCode } from '../sides/exit-code.ts';

export interface MeasuredRedis extends AsyncDisposable {
  readonly url: string;
  readonly version: string;
  /** That it has used so far, of user and system. */
  cpuSeconds(): Promise<number>;
  figures(): Promise<RedisFigures>;
  /** Kills it, as `kill -9` does, and starts it at once over what it had saved. Resolves when it answers. */
  restart(): Promise<void>;
}

/** What it did so far. */
export interface RedisFigures {
  readonly cpuSeconds: number;
  /** Bytes that came and went over its sockets. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Scripts that were called. */
  readonly scripts: number;
}

const START_MS = 10_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => void server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** The whole answer of `INFO all`, over a connection of its own. */
const infoOf = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    const socket = createConnection(port, '127.0.0.1', () => socket.write('INFO all\r\nQUIT\r\n'));
    socket.on('data', (data) => (text += data.toString()));
    socket.once('close', () => resolve(text));
    socket.once('error', reject);
  });

const field = (info: string, name: string): string => new RegExp(`^${name}:(.*?)\r?$`, 'mu').exec(info)?.[1] ?? '0';

const callsOf = (info: string, name: string): number =>
  Number(/^calls=(\d+)/u.exec(field(info, `cmdstat_${name}`))?.[1] ?? '0');

function figuresOf(info: string): RedisFigures {
  return {
    cpuSeconds: Number(field(info, 'used_cpu_user')) + Number(field(info, 'used_cpu_sys')),
    bytesIn: Number(field(info, 'total_net_input_bytes')),
    bytesOut: Number(field(info, 'total_net_output_bytes')),
    scripts: callsOf(info, 'evalsha') + callsOf(info, 'eval'),
  };
}

/** @param fsync when its append-only file is synced: a site has `always`. */
export async function startMeasuredRedis(fsync: 'everysec' | 'always' = 'everysec'): Promise<MeasuredRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-bench-redis-'));
  const port = await freePort();
  const settings = ['--appendonly', 'yes', '--appendfsync', fsync, '--save', '', '--dir', folder];
  const start = async (): Promise<{ readonly kill: () => Promise<unknown>; readonly info: string }> => {
    const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', ...settings], {
      stdio: 'ignore',
    });
    const ended = exitCode(child);
    const kill = (): Promise<unknown> => {
      child.kill('SIGKILL');
      return ended.catch(() => undefined);
    };
    const deadline = performance.now() + START_MS;
    for (;;) {
      const info = await infoOf(port).catch(() => '');
      if (info.includes('redis_version')) return { kill, info };
      if (performance.now() > deadline) throw new Error('redis-server does not start; install it');
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
  };
  const url = `redis://127.0.0.1:${port}`;
  // A run that was killed may have left its mark there, which a new Redis would be refused for.
  const forgetBlobs = (): void => rmSync(blobsOf(url), { recursive: true, force: true });
  forgetBlobs();
  let running = await start();
  const { info } = running;
  return {
    url,
    version: field(info, 'redis_version'),
    async cpuSeconds() {
      return figuresOf(await infoOf(port)).cpuSeconds;
    },
    figures: async () => figuresOf(await infoOf(port)),
    async restart() {
      await running.kill();
      running = await start();
    },
    async [Symbol.asyncDispose]() {
      await running.kill();
      rmSync(folder, { recursive: true, force: true });
      forgetBlobs();
    },
  };
}
