/**
 * A process of simulated workers. Each has connections of its own and does one job at a time by the broker's ports, as the product's
 * workers do: claim, signs of life, the sound, the engine, the commit. Only the engine is not there: it is waited for.
 */
import { setMaxListeners } from 'node:events';
import { openRedisBroker } from '../../src/brokers/index.ts';
import type { Broker, JobOutcome, Lease, TranscribeJob, WorkerJob } from '../../src/core/index.ts';
import { ScriptoriumError, fromPcm16, keepLease, millis, pause, samples } from '../../src/core/index.ts';
import { HostOrder, benchClock, blobsOf, sharedNow, type HostNews, type WorkedJob } from './messages.ts';

const CLAIM_WAIT = millis(30_000);
const EXTEND_EVERY = millis(5000);

/** As long as twelve seconds of speech give. */
const TEXT = 'and so my fellow americans ask not what your country can do for you '.repeat(2);

const outcomeOf = ({ channel, segment, from, to }: TranscribeJob): JobOutcome => ({
  type: 'transcribed',
  channel,
  segment,
  start: from,
  length: samples(to - from),
  result: {
    text: TEXT,
    language: 'en',
    languageProbability: 1,
    tokens: Array.from({ length: 32 }, (_, index) => 1000 + index),
    spans: [],
    avgLogprob: -0.3,
    noSpeechProbability: 0,
    compressionRatio: 1.2,
    temperature: 0,
    retries: [],
  },
});

async function work(broker: Broker, lease: Lease<WorkerJob>): Promise<WorkedJob> {
  const leased = sharedNow();
  const { body, id } = lease;
  if (body.type !== 'transcribe') throw new ScriptoriumError('job-invalid', `the bench puts no ${body.type} job`);
  const over = new AbortController();
  const living = keepLease(broker.jobs, lease, benchClock, EXTEND_EVERY, over.signal);
  const { session, channel, from, to, options } = body;
  if (to > from) fromPcm16(await broker.audio.range({ session, channel, from, to }));
  const fetched = sharedNow();
  // The bench writes there what the engine takes, in microseconds: nothing is drawn by an engine that is waited for.
  if (options.seed > 0) await pause(benchClock, millis(options.seed / 1000), over.signal);
  const worked = sharedNow();
  await broker.results.commit(lease, outcomeOf(body));
  over.abort();
  await living;
  return { id, leased, fetched, worked, settled: sharedNow() };
}

async function serve(broker: Broker, worker: string, signal: AbortSignal, done: WorkedJob[]): Promise<void> {
  while (!signal.aborted) {
    const lease = await broker.jobs.claim({ worker, wait: CLAIM_WAIT, signal });
    if (lease !== null) done.push(await work(broker, lease));
  }
}

const { url, workers } = HostOrder.parse(JSON.parse(process.argv[2] ?? ''));
const stop = new AbortController();
setMaxListeners(0, stop.signal);
const done: WorkedJob[] = [];
const tell = (news: HostNews): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(news, undefined, undefined, () => resolve());
  });
// Whoever started it is gone.
process.once('disconnect', () => process.exit(1));
process.once('message', () => stop.abort());
const brokers = await Promise.all(workers.map(() => openRedisBroker({ url, blobs: blobsOf(url), clock: benchClock })));
const serving = Promise.all(brokers.map((broker, index) => serve(broker, workers[index] ?? '', stop.signal, done)));
await tell({ type: 'ready' });
await serving;
await Promise.all(brokers.map((broker) => broker[Symbol.asyncDispose]()));
await tell({ type: 'worked', jobs: done });
process.disconnect();
