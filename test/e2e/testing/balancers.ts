/** nginx and HAProxy as `deploy/` configures them, with a test's own addresses in place of those that stand there. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../testing/redis-server.ts';

export interface Balancer extends AsyncDisposable {
  readonly url: string;
  /** All that it wrote so far. */
  readonly said: () => string;
}

export interface BalancerOptions {
  /** What nginx gives one gateway at most, in place of what stands there. */
  readonly connections?: number;
}

export type BalancerKind = 'nginx' | 'haproxy';

const LOOK_EVERY_MS = 20;
const START_LIMIT_MS = 10_000;

export const hasBalancer = (kind: BalancerKind): boolean => spawnSync(kind, ['-v']).error === undefined;

const read = (path: string): Promise<string> => readFile(new URL(`../../../deploy/${path}`, import.meta.url), 'utf8');

/** The configuration of `deploy/`, for these gateways. @throws when what is to be put in place does not stand there. */
async function configured(
  kind: BalancerKind,
  port: number,
  folder: string,
  gateways: readonly string[],
  { connections }: BalancerOptions,
): Promise<string> {
  const text = await read(kind === 'nginx' ? 'nginx/scriptorium.conf' : 'haproxy/haproxy.cfg');
  const put = (before: string, from: string, to: string): string => {
    if (!before.includes(from)) throw new Error(`${from} is not in the configuration of ${kind}`);
    return before.replace(from, to);
  };
  const places = ['10.0.0.11:8080', '10.0.0.12:8080'];
  const ours = places.reduce((now, place, index) => put(now, place, gateways[index] ?? ''), text);
  // Two files for each, of which a test's machine may allow few.
  if (kind === 'haproxy') return put(put(ours, 'bind :80', `bind 127.0.0.1:${port}`), 'maxconn 20000', 'maxconn 100');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join('\n');
  const bound = connections === undefined ? ours : ours.replaceAll('max_conns=5000', `max_conns=${connections}`);
  const site = put(bound, 'listen 80;', `listen 127.0.0.1:${port};`);
  return `daemon off;\nmaster_process off;\npid ${join(folder, 'pid')};\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${site}}\n`;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** @param gateways two, as URLs. */
export async function startBalancer(
  kind: BalancerKind,
  gateways: readonly string[],
  options: BalancerOptions = {},
): Promise<Balancer> {
  const folder = await mkdtemp(join(tmpdir(), `scriptorium-${kind}-`));
  const port = await freePort();
  const path = join(folder, 'balancer.conf');
  await writeFile(
    path,
    await configured(
      kind,
      port,
      folder,
      gateways.map((url) => new URL(url).host),
      options,
    ),
  );
  const argv = kind === 'nginx' ? ['-c', path, '-p', folder] : ['-f', path, '-db'];
  const child: ChildProcess = spawn(kind, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (said += text.toString()));
  const begun = performance.now();
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${kind} ended: ${said}`);
    if (performance.now() - begun > START_LIMIT_MS) throw new Error(`${kind} does not answer: ${said}`);
    await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS));
  }
  return {
    url: `http://127.0.0.1:${port}`,
    said: () => said,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'close');
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
