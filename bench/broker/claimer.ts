/** A worker that is going to be killed: it takes a job, keeps its lease alive, says so, and never ends. `claimer.ts URL LEASE_MS`. */
import { argv, stdout } from 'node:process';
import { openRedisBroker } from '../../src/brokers/index.ts';
import { keepLease, millis } from '../../src/core/index.ts';
import { benchClock, blobsOf } from '../scale/messages.ts';

const [, , url = '', leaseMs = '0'] = argv;
const lease = millis(Number(leaseMs));
const broker = await openRedisBroker({ url, blobs: blobsOf(url), clock: benchClock, bounds: { lease } });
const job = await broker.jobs.claim({ worker: 'to be killed', wait: millis(60_000) });
if (job === null) throw new Error('no job came');
stdout.write(`${job.id}\n`);
await keepLease(broker.jobs, job, benchClock, millis(lease / 3), new AbortController().signal);
