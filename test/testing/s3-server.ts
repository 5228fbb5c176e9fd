/** A real S3 server of a test's own: on a free port of this machine, over a folder that goes with it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './redis-server.ts';

export interface S3Server {
  readonly endpoint: string;
  /** The address of its bucket. */
  url(prefix: string): string;
  /** The variables that hold its keys. */
  readonly env: Readonly<Record<string, string>>;
  /** Files of its folder, those of unfinished uploads too, as paths from the bucket. */
  files(): Promise<readonly string[]>;
  kill(): Promise<void>;
  /** On the same port and folder. */
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const PROGRAM = 'versitygw';
const BUCKET = 'speech';
const REGION = 'eu-central-1';
const START_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** Whether this machine has one: its tests are skipped by name where it has none. */
export const HAS_S3 = spawnSync(PROGRAM, ['--version']).status === 0;

const answers = (endpoint: string): Promise<boolean> =>
  fetch(endpoint).then(
    () => true,
    () => false,
  );

export async function startS3(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-s3-'));
  const [objects, sidecar] = [join(folder, 'objects'), join(folder, 'sidecar')];
  await Promise.all([mkdir(join(objects, BUCKET), { recursive: true }), mkdir(sidecar)]);
  const port = await freePort();
  const env = { AWS_ACCESS_KEY_ID: 'scriptorium-test', AWS_SECRET_ACCESS_KEY: `secret-${port}` };
  const flags = ['--quiet', '--keep-alive', '--port', `127.0.0.1:${port}`, '--region', REGION];
  const keys = { ROOT_ACCESS_KEY_ID: env.AWS_ACCESS_KEY_ID, ROOT_SECRET_ACCESS_KEY: env.AWS_SECRET_ACCESS_KEY };
  const endpoint = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();

  const start = async (): Promise<void> => {
    const begun = performance.now();
    const started = spawn(PROGRAM, [...flags, 'posix', '--sidecar', sidecar, objects], {
      stdio: 'ignore',
      env: { ...process.env, ...keys },
    });
    child = started;
    ended = once(started, 'exit');
    while (!(await answers(endpoint))) {
      if (started.exitCode !== null) throw new Error(`${PROGRAM} ended with ${started.exitCode}`);
      if (performance.now() - begun > START_LIMIT_MS) throw new Error(`${PROGRAM} does not answer`);
      await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  const kill = async (): Promise<void> => {
    child?.kill('SIGKILL');
    await ended;
  };

  await start();
  return {
    endpoint,
    url: (prefix) => `s3://${BUCKET}/${prefix}?region=${REGION}&endpoint=${endpoint}`,
    env,
    async files() {
      const home = join(objects, BUCKET);
      const paths = await readdir(home, { recursive: true });
      // Those of an upload come and go.
      const isFile = (path: string): Promise<boolean> =>
        stat(join(home, path)).then(
          (found) => found.isFile(),
          () => false,
        );
      const kept = await Promise.all(paths.map(isFile));
      return paths.filter((_, index) => kept[index] === true).toSorted();
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
