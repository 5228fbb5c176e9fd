import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { openRedisBroker } from '../../src/brokers/index.ts';
import { millis, type Clock } from '../../src/core/index.ts';
import { handClock } from '../../src/core/testing/hand-clock.ts';
import { BOUNDS } from './bounds.ts';
import type { BrokerUnderTest } from './run-contract.ts';

/** A Redis, or cluster, that runs. */
export interface RedisUnderTest {
  readonly url: string;
  /** Of each of its servers. */
  readonly ports: readonly number[];
}

type Blobs = Parameters<typeof openRedisBroker>[0]['blobs'];

/** Answers that may follow each other before all is still. */
const ROUNDS = 12;
/** Of a call to Redis: thousands at once take seconds where other tests keep the machine busy. */
const TIMEOUT = millis(30_000);

/**
 * The broker on a real Redis, each under a prefix of its own, with broker time that stands still but for `pass`.
 *
 * @param redis answers once it runs.
 * @param blobsOf where the blobs of a place are, by its name; a folder unless told.
 */
export function redisUnderTest(
  name: string,
  redis: () => RedisUnderTest,
  blobsOf?: (place: string, clock: Clock) => Blobs,
): BrokerUnderTest {
  let places = 0;
  return {
    name,
    bounds: BOUNDS,
    async place() {
      const folder = await mkdtemp(join(tmpdir(), 'scriptorium-contract-'));
      const clock = handClock();
      const startedAt = Date.UTC(2026, 0, 1);
      const { depth, ...others } = BOUNDS;
      const depths = { final: depth, partial: depth, interactive: depth, batch: depth };
      const { url, ports } = redis();
      const probes = ports.map((port) => new Redis(port, '127.0.0.1'));
      const own = `place-${++places}`;
      const prefix = `${own}:`;
      const blobs = blobsOf?.(own, clock) ?? folder;
      /** Redis answers in order: once it has answered us so often, what others asked it before is answered too. */
      const still = async (): Promise<void> => {
        for (let round = 0; round < ROUNDS; round++) {
          for (const probe of probes) await probe.ping();
          await clock.pass(0);
        }
      };
      return {
        open: () =>
          openRedisBroker({
            url,
            prefix,
            blobs,
            clock,
            time: () => millis(startedAt + clock.now()),
            bounds: {
              ...others,
              depth: depths,
              fresh: millis(0),
              hesitate: millis(0),
              orphans: millis(0),
              timeout: TIMEOUT,
            },
          }),
        async pass(time) {
          await clock.pass(time);
          await still();
        },
        async remove() {
          for (const probe of probes) probe.disconnect();
          await rm(folder, { recursive: true });
        },
      };
    },
  };
}
