/** A whole site of processes of their own: Redis, gateways, workers, aggregators, and something in front that finds a living gateway. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startRedis, type RedisServer } from '../../testing/redis-server.ts';
import { environment, main } from './running-server.ts';

export type Role = 'gateway' | 'worker' | 'aggregator';

/** One process of a site. */
export interface Member {
  readonly role: Role;
  readonly url: string;
  readonly stderr: () => string;
  signal(name: NodeJS.Signals): void;
  /** The exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
}

export interface Site extends AsyncDisposable {
  readonly redis: RedisServer;
  /** Its processes have what they keep in here; blobs are in `blobs`. */
  readonly folder: string;
  /** Where clients go: a balancer that knows nothing of sessions. */
  readonly url: string;
  /** Breaks off every connection of clients. */
  cut(): void;
  /** @param flags of this one alone. */
  start(role: Role, ...flags: readonly string[]): Promise<Member>;
  readonly members: () => readonly Member[];
}

/** Where a site has its blobs, when not in a folder. */
export interface Store {
  readonly url: string;
  /** The variables that hold its keys. */
  readonly env: Readonly<Record<string, string>>;
}

async function startMember(
  role: Role,
  name: string,
  folder: string,
  redis: string,
  flags: readonly string[],
  { store, preload, onLine }: SiteParts,
): Promise<Member> {
  const blobs = store === undefined ? ['--blobs-dir', join(folder, 'blobs')] : ['--blobs', store.url];
  const shared = ['--broker', redis, ...blobs];
  const argv = [
    ...(preload === undefined ? [] : ['--import', preload]),
    main,
    role,
    '--json',
    '--port',
    '0',
    '--data-dir',
    join(folder, role),
    ...shared,
    ...(onLine === undefined ? [] : ['--verbose']),
    ...flags,
  ];
  const child: ChildProcess = spawn(process.execPath, argv, {
    cwd: folder,
    env: { ...environment(folder), ...store?.env },
  });
  let stdout = '';
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  if (onLine !== undefined && child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      onLine(line, name);
    });
  }
  const exited = once(child, 'close').then(() => child.exitCode);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const ready = /"type":"ready","url":"([^"]+)"/u.exec(stdout)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    exited.then((code) => reject(new Error(`the ${role} ended with ${String(code)}: ${stderr}`)), reject);
  });
  return { role, url, stderr: () => stderr, signal: (what) => void child.kill(what), exited };
}

/** @param flags of workers: which engine. */
export const startSite = (...flags: readonly string[]): Promise<Site> => startSiteWith({}, ...flags);

export interface SiteParts {
  /** Where its blobs are; a folder unless told. */
  readonly store?: Store;
  /** A module that every process loads first. */
  readonly preload?: string;
  /** Takes each line that any of them logs, and which it is: `worker-3`. */
  readonly onLine?: (line: string, member: string) => void;
}

export async function startSiteWith(parts: SiteParts, ...flags: readonly string[]): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-site-'));
  const redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
  const members = new Set<Member>();
  let started = 0;
  const balancer = await startBalancer(() =>
    [...members].filter(({ role }) => role === 'gateway').map(({ url }) => Number(new URL(url).port)),
  );
  return {
    redis,
    folder,
    url: balancer.url,
    members: () => [...members],
    cut: balancer.cut,
    async start(role, ...own) {
      const member = await startMember(
        role,
        `${role}-${++started}`,
        folder,
        redis.url,
        role === 'worker' ? [...flags, ...own] : own,
        parts,
      );
      members.add(member);
      void member.exited.then(() => members.delete(member));
      return member;
    },
    async [Symbol.asyncDispose]() {
      const all = [...members];
      for (const member of all) {
        member.signal('SIGCONT');
        member.signal('SIGKILL');
      }
      await Promise.all(all.map(({ exited }) => exited));
      await balancer.close();
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Passes each connection to the next gateway that takes it. */
async function startBalancer(ports: () => readonly number[]): Promise<{
  readonly url: string;
  readonly cut: () => void;
  close(): Promise<void>;
}> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  };
  const pass = (incoming: Socket, tries: readonly number[]): void => {
    const [port, ...others] = tries;
    if (port === undefined) {
      incoming.destroy();
      return;
    }
    const outgoing = connect(port, '127.0.0.1');
    keep(outgoing);
    outgoing.once('connect', () => {
      incoming.pipe(outgoing).pipe(incoming);
      incoming.once('close', () => outgoing.destroy());
      outgoing.once('close', () => incoming.destroy());
    });
    outgoing.once('error', () => {
      if (outgoing.connecting || outgoing.bytesRead === 0) pass(incoming, others);
    });
  };
  const server = createServer((incoming) => {
    keep(incoming);
    const all = ports();
    const first = turn++ % Math.max(1, all.length);
    pass(incoming, [...all.slice(first), ...all.slice(0, first)]);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
