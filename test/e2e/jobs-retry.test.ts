/** A job that failed through no fault of its own, tried again from the command line. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  JFK,
  childrenOf,
  environment,
  formOf,
  killProcess,
  main,
  mustBeBuilt,
  startServer,
  type RunningServer,
} from './testing/running-server.ts';

const Job = z.object({ id: z.string(), status: z.string(), error: z.object({ code: z.string() }).nullable() });
/** Five seconds on two cores; more than that only on a machine that is busy with other things. */
const PATIENCE_MS = 180_000;

let folder: string;
let server: RunningServer;
beforeAll(async () => {
  mustBeBuilt();
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-retry-'));
  server = await startServer(folder, '--beam-size', '1');
});
afterAll(async () => {
  server.kill('SIGKILL');
  await server.exited;
  await rm(folder, { recursive: true, force: true });
});

const jobAt = async (path: string): Promise<z.infer<typeof Job>> =>
  Job.parse(await (await fetch(`${server.url}/v1/jobs/${path}`)).json());

test(
  'jobs retry does a job once more whose engine died too often, and refuses one that has succeeded',
  async () => {
    const created = await fetch(`${server.url}/v1/jobs`, { method: 'POST', body: await formOf(JFK) });
    const { id } = Job.parse(await created.json());
    while ((await jobAt(id)).status !== 'failed') for (const child of await childrenOf(server)) killProcess(child);
    expect(await jobAt(id)).toMatchObject({ error: { code: 'engine-crashed' } });

    const retry = (job: string): Promise<{ stdout: string }> => {
      const argv = [main, 'jobs', 'retry', job, '--json', '--server', server.url];
      return promisify(execFile)(process.execPath, argv, { cwd: folder, env: environment(folder) });
    };
    const again = Job.parse(JSON.parse((await retry(id)).stdout));
    expect(again.id).not.toBe(id);
    expect(await jobAt(`${again.id}?wait=60`)).toMatchObject({ status: 'succeeded', error: null });
    const text = await (await fetch(`${server.url}/v1/jobs/${again.id}/result?format=text`)).text();
    expect(text).toMatch(/ask not what your country can do for you/i);
    await expect(retry(again.id)).rejects.toMatchObject({
      stdout: '',
      stderr: /only a fault of the server is retried/,
    });
  },
  PATIENCE_MS,
);
