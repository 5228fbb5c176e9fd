import { expect, test } from 'vitest';
import type { Buckets, Spend } from '../../core/index.ts';
import { handClock } from '../../core/testing/hand-clock.ts';
import { madeTelemetry } from '../testing/made-gateway.ts';
import { createLimiter } from './limiter.ts';
import { shareLimits } from './share-limits.ts';

const caller = { tenant: 'a', limits: { requestsPerMinute: 60, audioSecondsPerHour: 3600 } };

/** Buckets that never fill; `isAway` refuses. */
function madeBuckets(): Buckets & { isAway: boolean; readonly asked: (readonly Spend[])[] } {
  const used = new Map<string, number>();
  const buckets = {
    isAway: false,
    asked: [] as (readonly Spend[])[],
    async spend(spends: readonly Spend[]) {
      buckets.asked.push(spends);
      if (buckets.isAway) throw new Error('away');
      return spends.map(({ key, amount, most }) => {
        used.set(key, (used.get(key) ?? 0) + amount);
        return most - (used.get(key) ?? 0);
      });
    },
  };
  return buckets;
}

test('what a key uses at one gateway it has used at the others, a second later; nothing is counted twice or forgotten', async () => {
  const clock = handClock();
  const buckets = madeBuckets();
  const parts = { broker: { buckets }, clock, telemetry: madeTelemetry([]) };
  const [one, two] = [createLimiter(clock, {}), createLimiter(clock, {})];
  const stops = [one, two].map((limiter) => shareLimits(limiter, parts));
  two.admit(caller);
  for (let index = 0; index < 40; index++) one.admit(caller);
  expect(two.state(caller)?.remaining).toBe(59);
  await clock.pass(2000);
  expect([one, two].map((limiter) => limiter.state(caller)?.remaining)).toEqual([19, 19]);

  buckets.isAway = true;
  for (let index = 0; index < 5; index++) one.admit(caller);
  await clock.pass(1000);
  buckets.isAway = false;
  await clock.pass(2000);
  expect(two.state(caller)?.remaining).toBeLessThanOrEqual(16);
  expect(one.state(caller)?.remaining).toBe(two.state(caller)?.remaining);
  const total = buckets.asked.flat().reduce((sum, { amount }) => sum + amount, 0);
  // What was told while it was away was told again.
  expect(total).toBe(41 + 5 + 5);
  for (const stop of stops) stop();
  expect(clock.timers()).toBe(0);
});

test('asks for nothing while all is full', async () => {
  const clock = handClock();
  const buckets = madeBuckets();
  const limiter = createLimiter(clock, {});
  limiter.state(caller);
  const stop = shareLimits(limiter, { broker: { buckets }, clock, telemetry: madeTelemetry([]) });
  await clock.pass(5000);
  stop();
  expect(buckets.asked).toEqual([]);
});
