import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { openRedisBroker } from '../../src/brokers/index.ts';
import { millis } from '../../src/core/index.ts';
import { handClock } from '../../src/core/testing/hand-clock.ts';
import type { RedisServer } from '../testing/redis-server.ts';
import { BOUNDS } from './bounds.ts';
import type { BrokerUnderTest } from './run-contract.ts';

/** Answers that may follow each other before all is still. */
const ROUNDS = 12;

/**
 * The broker on a real Redis, each under a prefix of its own, with broker time that stands still but for `pass`.
 *
 * @param server answers once it runs.
 */
export function redisUnderTest(server: () => RedisServer): BrokerUnderTest {
  let places = 0;
  return {
    name: 'the Redis broker',
    bounds: BOUNDS,
    async place() {
      const folder = await mkdtemp(join(tmpdir(), 'scriptorium-contract-'));
      const clock = handClock();
      const startedAt = Date.UTC(2026, 0, 1);
      const { depth, ...others } = BOUNDS;
      const depths = { final: depth, partial: depth, interactive: depth, batch: depth };
      const { url } = server();
      const probe = new Redis(url);
      const prefix = `place-${++places}:`;
      /** Redis answers in order: once it has answered us so often, what others asked it before is answered too. */
      const still = async (): Promise<void> => {
        for (let round = 0; round < ROUNDS; round++) {
          await probe.ping();
          await clock.pass(0);
        }
      };
      return {
        open: () =>
          openRedisBroker({
            url,
            prefix,
            blobs: folder,
            clock,
            time: () => millis(startedAt + clock.now()),
            bounds: { ...others, depth: depths, fresh: millis(0), orphans: millis(0) },
          }),
        async pass(time) {
          await clock.pass(time);
          await still();
        },
        async remove() {
          probe.disconnect();
          await rm(folder, { recursive: true });
        },
      };
    },
  };
}
