/** A primary that is gone, and another in its place, that a sentinel tells of. */
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { millis } from '../../src/core/index.ts';
import { jobOf } from '../contracts/made-jobs.ts';
import { outcomeOf } from '../contracts/made-sessions.ts';
import { HAS_REDIS } from '../testing/redis-server.ts';
import { startSentinel } from '../testing/redis-sentinel.ts';
import { openSite } from './testing/redis-site.ts';

const JOBS = 50;
/** How soon a broker that is back must be known to be back. */
const BACK = { interval: 20, timeout: 1000 };

describe.skipIf(!HAS_REDIS)('on a real Redis that fails over', () => {
  test('what it has copied goes on at the new primary: who waits gets it, who holds a lease keeps it', async () => {
    const { url, primary, [Symbol.asyncDispose]: close } = await startSentinel();
    onTestFinished(close);
    const [gateway, worker] = [await openSite({ url }), await openSite({ url })];
    for (let index = 0; index < JOBS; index++) await gateway.jobs.put(jobOf(`job-${index}`));
    const lease = await worker.jobs.claim({ worker: 'worker', wait: millis(1000) });
    const direct = new Redis(primary.url);
    await direct.wait(1, 1000);
    direct.disconnect();

    await primary.kill();
    // Waits for the new primary: it may be asked twice, so it is asked until it answers.
    await gateway.jobs.put(jobOf('put while there was none'));
    // A shard that refused a write, before the new primary was one, is asked again four times a second.
    await expect.poll(() => gateway.failure(), BACK).toBeUndefined();

    expect(await worker.results.commit(lease ?? { id: '', token: 0 }, outcomeOf('kept'))).toBe('committed');
    const done = new Set([lease?.id]);
    while (done.size < JOBS + 1) {
      const next = await worker.jobs.claim({ worker: 'worker', wait: millis(5000) });
      if (next === null) break;
      expect(await worker.results.commit(next, outcomeOf(next.id))).toBe('committed');
      done.add(next.id);
    }
    expect(done.size).toBe(JOBS + 1);
    expect(await gateway.jobs.dead(10)).toEqual([]);
  }, 60_000);

  test('says which primary of which sentinels can not be reached', async () => {
    const opening = openSite({ url: 'redis+sentinel://127.0.0.1:1/main' });
    await expect(opening).rejects.toThrow('main of sentinels 127.0.0.1:1');
    await expect(opening).rejects.toMatchObject({ code: 'broker-unreachable' });
  }, 20_000);
});
