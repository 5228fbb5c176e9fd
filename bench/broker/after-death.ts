/** How long a job waits whose worker's process was killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openRedisBroker } from '../../src/brokers/index.ts';
import type { JobSpec, WorkerJob } from '../../src/core/index.ts';
import { millis } from '../../src/core/index.ts';
import { benchClock, blobsOf } from '../scale/messages.ts';

const CLAIMER = fileURLToPath(new URL('claimer.ts', import.meta.url));
const ROUNDS = 5;

export interface AfterDeath {
  readonly leaseMs: number;
  /** From the kill to the lease of another worker, at worst. */
  readonly worstMs: number;
}

/** @param jobOf a job whose id has this number. */
export async function measureAfterDeath(
  url: string,
  leaseMs: number,
  jobOf: (number: number) => JobSpec<WorkerJob>,
): Promise<AfterDeath> {
  const broker = await openRedisBroker({
    url,
    blobs: blobsOf(url),
    clock: benchClock,
    bounds: { lease: millis(leaseMs) },
  });
  let worstMs = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const worker = spawn(process.execPath, ['--import', 'tsx', CLAIMER, url, String(leaseMs)]);
    await broker.jobs.put(jobOf(round));
    await once(worker.stdout, 'data');
    // Somewhere between two signs of life.
    await new Promise((resolve) => void setTimeout(resolve, (round * leaseMs) / ROUNDS));
    const again = broker.jobs.claim({ worker: 'another', wait: millis(4 * leaseMs) });
    worker.kill('SIGKILL');
    const killedAt = performance.now();
    const job = await again;
    worstMs = Math.max(worstMs, performance.now() - killedAt);
    if (job === null) throw new Error('the job of a killed worker was given to nobody');
    await broker.jobs.ack(job);
  }
  await broker[Symbol.asyncDispose]();
  return { leaseMs, worstMs };
}
