/** How soon a server is there again that was killed with a queue full of jobs. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recording } from './recordings.ts';
import { startServing, type Server } from './servers.ts';

/** Few of them are done by the time that the last is accepted. */
const QUEUED_JOBS = 1000;
const CLIENTS = 8;

/** Seconds from the start after `kill -9` to ready. @param flags of the server. */
export async function secondsToRestart(
  main: string,
  cacheFolder: string,
  flags: readonly string[],
  { wav }: Recording,
): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
  try {
    {
      await using first = await startServing(main, cacheFolder, flags, data);
      await fillQueue(first, wav);
      process.kill(first.pid, 'SIGKILL');
    }
    const since = performance.now();
    const second = await startServing(main, cacheFolder, flags, data);
    const seconds = (performance.now() - since) / 1000;
    await second[Symbol.asyncDispose]();
    return seconds;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function fillQueue({ origin }: Server, wav: string): Promise<void> {
  const file = new Blob([readFileSync(wav)], { type: 'audio/wav' });
  let left = QUEUED_JOBS;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const form = new FormData();
      form.set('file', file, 'recording.wav');
      const created = await fetch(`${origin}/v1/jobs`, { method: 'POST', body: form });
      if (created.status !== 202) throw new Error(`a job was refused: ${await created.text()}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}
