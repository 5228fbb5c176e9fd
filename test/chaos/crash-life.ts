/** What goes on in a process that will be killed, and what it was promised until then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeClock } from '../../src/app/node-clock.ts';
import { openLocalBroker } from '../../src/brokers/index.ts';
import type { Broker } from '../../src/core/index.ts';
import { millis } from '../../src/core/index.ts';
import { jobOf } from '../contracts/made-jobs.ts';
import { outcomeOf } from '../contracts/made-sessions.ts';

/** A promise that was kept so far: said as soon as the broker gave it. */
export type Said =
  | { readonly type: 'ready' }
  | { readonly type: 'put'; readonly job: number }
  | { readonly type: 'claimed'; readonly token: number }
  | { readonly type: 'committed'; readonly job: number }
  | { readonly type: 'appended'; readonly last: number }
  | { readonly type: 'blob'; readonly key: string; readonly sha256: string };

type Say = (said: Said) => void;

/** The session that everything belongs to. */
export const SESSION = 'crash';
const DEPTH = 40;

export const openForCrash = (folder: string): Promise<Broker> =>
  openLocalBroker({
    folder,
    clock: nodeClock,
    startedAt: millis(Date.now()),
    bounds: { depth: { final: DEPTH, partial: DEPTH, interactive: DEPTH, batch: DEPTH }, lease: millis(60_000) },
  });

/** Puts jobs `first`, `first + 1`, …, waiting while the queue is full. */
export async function produce({ jobs }: Broker, first: number, say: Say): Promise<never> {
  for (let job = first; ;) {
    const jobClass = job % 3 === 0 ? 'interactive' : 'batch';
    const answer = await jobs.put(jobOf(String(job), { session: SESSION, jobClass, tenant: `tenant-${job % 4}` }));
    if (answer === 'full') {
      await sleep(1);
    } else {
      say({ type: 'put', job });
      job++;
    }
  }
}

/** Works on jobs until none comes for so long; gives some back. */
export async function work({ jobs, results }: Broker, wait: number, say: Say): Promise<void> {
  for (let turn = 0; ; turn++) {
    const lease = await jobs.claim({ worker: 'worker', wait: millis(wait) });
    if (lease === null) return;
    say({ type: 'claimed', token: lease.token });
    if (turn % 7 === 3) {
      await jobs.nack(lease, { countAttempt: false });
      continue;
    }
    const answer = await results.commit(lease, outcomeOf(lease.id));
    if (answer !== 'committed') throw new Error(`job ${lease.id} is ${answer}`);
    say({ type: 'committed', job: Number(lease.id) });
  }
}

/**
 * Folds outcomes into the log of events until none comes for so long, each once, however often it is handed out: an event tells the
 * outcome's number and its job's.
 */
export async function fold({ events, results }: Broker, wait: number, say: Say): Promise<void> {
  const folded = new Set<number>();
  let last = 0;
  for (const { seq, event } of await events.read(SESSION, 0, 1_000_000)) {
    last = seq;
    if (event.type === 'progress') folded.add(event.doneMs);
  }
  for (;;) {
    const outcomes = await results.take({ consumer: 'folder', limit: 5, wait: millis(wait) });
    if (outcomes.length === 0) return;
    const fresh = outcomes.filter(({ id }) => !folded.has(id));
    const news = fresh.map(
      ({ id, jobId }) => ({ type: 'progress', doneMs: millis(id), totalMs: millis(Number(jobId)) }) as const,
    );
    const answer = await events.append(SESSION, last, news);
    if (answer.status !== 'ok') throw new Error(`the log ends at ${answer.last}, not at ${last}`);
    last = answer.last;
    say({ type: 'appended', last });
    for (const { id } of fresh) folded.add(id);
    await results.done(outcomes.map(({ id }) => id));
  }
}

/** Writes blobs without end. */
export async function writeBlobs({ blobs }: Broker, first: number, say: Say): Promise<never> {
  for (let number = first; ; number++) {
    const key = `${SESSION}/blob-${number}`;
    const { sha256 } = await blobs.put(key, patterned(number), { limit: 1_000_000 });
    say({ type: 'blob', key, sha256 });
  }
}

async function* patterned(number: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let chunk = 0; chunk < 20; chunk++) yield new Uint8Array(10_000).fill(number + chunk);
}
