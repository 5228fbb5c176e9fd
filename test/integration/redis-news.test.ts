/** Connections to Redis that break while news are asked for again. */
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { millis } from '../../src/core/index.ts';
import { jobOf } from '../contracts/made-jobs.ts';
import { HAS_REDIS, startRedis } from '../testing/redis-server.ts';
import { openSite, tempFolder } from './testing/redis-site.ts';

/** Nobody looks for itself while the test runs: what is heard, is heard by news, or by being told that some were lost. */
const NEVER = millis(600_000);
const LONG = millis(60_000);
const CUTS = 5;

interface Line {
  readonly port: number;
  /** Breaks off all connections, and the next ones that ask for news at that very moment, `CUTS` times. */
  cut(): void;
  readonly cuts: () => number;
}

/** Passes connections on to a port of this machine. */
async function startLine(to: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let cuts = CUTS;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    return socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer((incoming) => {
    const outgoing = keep(connect(to, '127.0.0.1'));
    keep(incoming).on('data', (bytes) => {
      if (cuts < CUTS && /subscribe/iu.test(bytes.toString('latin1'))) {
        cuts++;
        incoming.destroy();
        return;
      }
      outgoing.write(bytes);
    });
    outgoing.pipe(incoming);
    incoming.once('close', () => outgoing.destroy());
    outgoing.once('close', () => incoming.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cut() {
      cuts = 0;
      for (const socket of sockets) socket.destroy();
    },
    cuts: () => cuts,
  };
}

describe.skipIf(!HAS_REDIS)('on a real Redis', () => {
  test('a connection that breaks whenever it asks for news again ends nothing, and is heard once it holds', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const line = await startLine(server.port);
    const blobs = await tempFolder();
    const bounds = { fresh: NEVER };
    const near = await openSite({ url: server.url, bounds }, blobs);
    const far = await openSite({ url: `redis://127.0.0.1:${line.port}`, bounds }, blobs);
    const claimed = async (): Promise<string | undefined> => (await far.jobs.claim({ worker: 'far', wait: LONG }))?.id;
    const first = claimed();
    await near.jobs.put(jobOf('a'));
    expect(await first).toBe('a');

    // The test runner fails a test in which a rejection goes unheard, as a process ends.
    const second = claimed();
    line.cut();
    await expect.poll(line.cuts, { timeout: 20_000 }).toBe(CUTS);
    await expect.poll(() => far.failure(), { timeout: 20_000 }).toBeUndefined();
    await near.jobs.put(jobOf('b'));
    expect(await second).toBe('b');
  });
});
