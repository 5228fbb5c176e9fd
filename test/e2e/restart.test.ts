/** The built server, killed with a thousand jobs in its queue. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeClock } from '../../src/app/node-clock.ts';
import { openLocalBroker } from '../../src/brokers/index.ts';
import { DEFAULT_DECODE_OPTIONS, millis, uploadKey, type Broker } from '../../src/core/index.ts';
import { submitTranscription } from '../../src/gateway/work/submit.ts';
import { JFK, mustBeBuilt, startServer, type RunningServer } from './testing/running-server.ts';

const JOBS = 1000;
/** Written at once: as many clients would. */
const AT_ONCE = 50;
/** A WAV of three quarters of a second: "And so". */
const RECORDING_BYTES = 44 + 24_000;
/** Ten seconds on two cores; more than that only on a machine that is busy with other things. */
const PATIENCE_MS = 180_000;
/** Of a server without keys. */
const TENANT = 'local';

let folder: string;
let server: RunningServer | undefined;
beforeAll(async () => {
  mustBeBuilt();
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-restart-'));
});
afterAll(async () => {
  server?.kill('SIGKILL');
  await server?.exited;
  await rm(folder, { recursive: true, force: true });
});

const open = (): Promise<Broker> =>
  openLocalBroker({ folder: join(folder, 'data'), clock: nodeClock, startedAt: millis(Date.now()) });

/** As the gateway accepts them, but faster. */
async function accept(ids: readonly string[]): Promise<void> {
  const recording = (await readFile(JFK)).subarray(0, RECORDING_BYTES);
  await using broker = await open();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    await Promise.all(
      ids.slice(from, from + AT_ONCE).map(async (id) => {
        const file = await broker.blobs.put(uploadKey(id), new Blob([recording]).stream(), { limit: 1e9 });
        const request = {
          name: 'words.wav',
          jobClass: 'batch',
          channels: 'mix',
          model: 'tiny.en',
          options: DEFAULT_DECODE_OPTIONS,
          retention: millis(3_600_000),
          metadata: {},
          ...file,
        } as const;
        await submitTranscription(broker, { id, tenant: TENANT, request });
      }),
    );
  }
}

async function started(): Promise<RunningServer> {
  const since = performance.now();
  server = await startServer(folder, '--engine', 'scripted');
  process.stdout.write(`ready in ${((performance.now() - since) / 1000).toFixed(2)} s\n`);
  return server;
}

test(
  'a thousand jobs outlive a kill before and a kill while they are worked on: each ends once',
  async () => {
    const ids = Array.from({ length: JOBS }, (_, i) => `job_${String(i).padStart(4, '0')}`);
    await accept(ids);
    const first = await started();
    await (await fetch(`${first.url}/v1/jobs/${ids[JOBS / 4] ?? ''}?wait=60`)).text();
    first.kill('SIGKILL');
    await first.exited;

    const second = await started();
    for (const id of ids) {
      const job = await (await fetch(`${second.url}/v1/jobs/${id}?wait=60`)).json();
      expect(job).toMatchObject({ id, status: 'succeeded' });
    }
    second.kill('SIGTERM');
    expect(await second.exited).toBe(0);

    await using broker = await open();
    for (const id of ids) {
      const events = await broker.events.read(id, 0, 100);
      const told = events.map(({ event }) => event.type).filter((type) => type !== 'progress');
      expect([id, ...told]).toEqual([id, 'accepted', 'started', 'segment', 'succeeded']);
    }
    expect(broker.jobs.stats()).toMatchObject({ leased: 0, delayed: 0, dead: 0 });
  },
  PATIENCE_MS,
);
