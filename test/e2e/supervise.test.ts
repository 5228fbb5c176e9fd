/** The supervisor as a process, with real workers and a real Redis. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { HAS_REDIS } from '../testing/redis-server.ts';
import { JFK, environment, main, mustBeBuilt } from './testing/running-server.ts';
import { startSite, type Site } from './testing/site.ts';

/** Uploads that wait at once: more than the places of three workers that do one job well. */
const UPLOADS = 16;
const LOOK_EVERY_MS = 20;

interface Supervisor {
  readonly child: ChildProcess;
  /** Resolves with the first status from now on that has all of this. */
  status(wanted: Readonly<Record<string, number>>): Promise<void>;
  readonly stderr: () => string;
}

function startSupervisor(site: Site, flags: readonly string[]): Supervisor {
  const shared = ['--broker', site.redis.url, '--blobs-dir', join(site.folder, 'blobs'), '--engine', 'scripted'];
  const argv = [main, 'supervise', '--data-dir', join(site.folder, 'supervisor'), ...shared, ...flags];
  const child = spawn(process.execPath, argv, { cwd: site.folder, env: environment(site.folder) });
  let stdout = '';
  let stderr = '';
  let heard = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    heard();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return {
    child,
    stderr: () => stderr,
    status(wanted) {
      const from = stdout.length;
      const has = (): boolean =>
        stdout
          .slice(from)
          .split('\n')
          .slice(0, -1)
          .some((line) => {
            const status = new Map<string, unknown>(Object.entries(z.looseObject({}).parse(JSON.parse(line))));
            return Object.entries(wanted).every(([name, value]) => status.get(name) === value);
          });
      return new Promise((resolve, reject) => {
        heard = () => void (has() && resolve());
        child.once('exit', (code) => reject(new Error(`the supervisor ended with ${String(code)}: ${stderr}`)));
      });
    },
  };
}

/** Processes that another started, as Linux tells them. */
async function childrenOf(pid: number | undefined): Promise<readonly number[]> {
  const text = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe.skipIf(!HAS_REDIS || process.platform !== 'linux')('a supervisor on Redis', () => {
  let site: Site;

  beforeAll(async () => {
    mustBeBuilt();
    site = await startSite();
    await Promise.all([site.start('gateway'), site.start('aggregator')]);
  });
  afterAll(async () => site[Symbol.asyncDispose]());

  test('adds workers for what waits, replaces one that is killed, and drains those that nothing needs', async () => {
    const answers = Array.from({ length: UPLOADS }, async (_, index) => {
      const form = new FormData();
      form.set('model', 'whisper-1');
      form.set('file', await openAsBlob(JFK), `${String(index)}.wav`);
      // Each its own: the same upload twice would be one piece of work.
      form.set('prompt', String(index));
      return fetch(`${site.url}/v1/audio/transcriptions`, { method: 'POST', body: form });
    });
    await expect
      .poll(
        async () =>
          (await (await fetch(`${site.url}/metrics`)).text()).includes(`class="interactive"} ${String(UPLOADS)}`),
        {
          interval: LOOK_EVERY_MS,
          timeout: 10_000,
        },
      )
      .toBe(true);
    const supervisor = startSupervisor(site, ['--min', '1', '--max', '3', '--worker-slots', '1', '--calm', '3']);
    await supervisor.status({ wanted: 3 });
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 200));
    await supervisor.status({ running: 1, draining: 0, wanted: 1, lost: 0 });

    const [worker = 0] = await childrenOf(supervisor.child.pid);
    const lost = supervisor.status({ lost: 1 });
    process.kill(worker, 'SIGKILL');
    await lost;
    await supervisor.status({ running: 1, lost: 1 });
    expect(supervisor.stderr()).toContain('"message":"a worker ended"');

    const exited = once(supervisor.child, 'exit');
    supervisor.child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  }, 30_000);

  test('takes its workers along when it is killed', async () => {
    const supervisor = startSupervisor(site, ['--max', '1']);
    await supervisor.status({ running: 1 });
    const workers = await childrenOf(supervisor.child.pid);
    expect(workers).toHaveLength(1);
    supervisor.child.kill('SIGKILL');
    await expect.poll(() => workers.some(isAlive), { interval: LOOK_EVERY_MS, timeout: 10_000 }).toBe(false);
  }, 20_000);

  test('refuses at the start what can’t be', async () => {
    const refused = async (...flags: readonly string[]): Promise<readonly [number | null, string]> => {
      const child = spawn(process.execPath, [main, 'supervise', ...flags], { env: environment(site.folder) });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      await once(child, 'close');
      return [child.exitCode, stderr];
    };
    const [few, local] = await Promise.all([
      refused('--min', '5', '--max', '2', '--broker', site.redis.url),
      refused('--max', '2'),
    ]);
    expect(few).toEqual([2, expect.stringContaining('--min 5 is more than --max 2')]);
    expect(local).toEqual([2, expect.stringContaining('--broker redis://HOST')]);
  }, 20_000);
});
