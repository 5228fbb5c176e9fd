/** How soon a job is under way again whose engine process was killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openAsBlob, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ROUNDS = 5;
/** Once the engine has the segment, and long before it is done. */
const INTO_MS = 60;

const Line = z.looseObject({ message: z.string(), time: z.iso.datetime() });

export interface AfterChildDeath {
  /** From the kill to the next lease of the job, by the worker's log, at worst. */
  readonly worstMs: number;
  /** To the answer: a new process has loaded the model by then, and heard eleven seconds. At worst. */
  readonly answeredMs: number;
}

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

/** Linux only. @param main the built command. */
export async function measureAfterChildDeath(main: string): Promise<AfterChildDeath> {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-bench-'));
  const server = spawn(process.execPath, [main, 'serve', '--json', '--verbose', '--port', '0', '--data-dir', folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(server, 'exit');
  try {
    const [ready] = z.tuple([z.string()]).parse(await once(createInterface({ input: server.stdout }), 'line'));
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(ready));
    const leases: number[] = [];
    createInterface({ input: server.stderr }).on('line', (text) => {
      const line = Line.safeParse(JSON.parse(text));
      if (line.data?.message !== 'job leased' || !text.includes('/segment/')) return;
      leases.push(Date.parse(line.data.time));
    });
    let worstMs = 0;
    let answeredMs = 0;
    for (let round = 0; round < ROUNDS; round++) {
      leases.length = 0;
      const form = new FormData();
      form.set('model', 'whisper-1');
      form.set('file', await openAsBlob(join(ROOT, 'examples/jfk.wav')), 'jfk.wav');
      const answer = fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form });
      while (leases.length === 0) await new Promise((resolve) => void setTimeout(resolve, 1));
      await new Promise((resolve) => void setTimeout(resolve, INTO_MS));
      const killedAt = Date.now();
      for (const child of childrenOf(server.pid ?? 0)) process.kill(child, 'SIGKILL');
      const { ok } = await answer;
      // Whether the death counted as an attempt or was forgiven.
      const again = leases.find((at) => at >= killedAt);
      if (!ok || again === undefined) throw new Error('the job of a killed engine was not done again');
      worstMs = Math.max(worstMs, again - killedAt);
      answeredMs = Math.max(answeredMs, Date.now() - killedAt);
    }
    return { worstMs, answeredMs };
  } finally {
    server.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}
