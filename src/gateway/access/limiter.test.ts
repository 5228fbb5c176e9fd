import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../../core/index.ts';
import { handClock } from '../../core/testing/hand-clock.ts';
import type { KeyLimits } from '../settings.ts';
import { createLimiter } from './limiter.ts';

const caller = (limits: KeyLimits = {}, tenant = 'a') => ({ tenant, limits });

/** Seconds to wait; 0 when one was let in. */
function waitOf(admit: () => unknown): number {
  try {
    admit();
    return 0;
  } catch (error) {
    if (!(error instanceof ScriptoriumError) || error.code !== 'rate-limited') throw error;
    return Number(error.details['retryAfter']);
  }
}

test('the wait that is told is long enough, and not much longer', async () => {
  const clock = handClock();
  const limiter = createLimiter(clock, { requestsPerMinute: 6 });
  for (let index = 0; index < 6; index++) expect(waitOf(() => limiter.admit(caller()))).toBe(0);
  const wait = waitOf(() => limiter.admit(caller()));
  expect(wait).toBe(10);
  await clock.pass((wait - 1) * 1000);
  expect(waitOf(() => limiter.admit(caller()))).toBe(1);
  await clock.pass(1000);
  expect(waitOf(() => limiter.admit(caller()))).toBe(0);
});

test('audio that was too much is paid back by waiting', async () => {
  const clock = handClock();
  const limiter = createLimiter(clock, {});
  const one = caller({ audioSecondsPerHour: 3600 });
  limiter.admit(one).charge(5400);
  expect(waitOf(() => limiter.admit(one))).toBe(1801);
  await clock.pass(1801_000);
  expect(waitOf(() => limiter.admit(one))).toBe(0);
});

test('what goes on for long is refused while its key owes audio', async () => {
  const clock = handClock();
  const one = createLimiter(clock, {}).admit(caller({ audioSecondsPerHour: 3600 }));
  one.charge(3600);
  expect(waitOf(() => one.refuseSpent())).toBe(0);
  one.charge(5);
  expect(waitOf(() => one.refuseSpent())).toBe(5);
  await clock.pass(5000);
  expect(waitOf(() => one.refuseSpent())).toBe(0);
});

test('a place among the jobs is given back once, however often that is said', () => {
  const limiter = createLimiter(handClock(), { jobsAtOnce: 2 });
  const first = limiter.admit(caller());
  limiter.admit(caller());
  expect(waitOf(() => limiter.admit(caller()))).toBeGreaterThan(0);
  first.release();
  first.release();
  expect(waitOf(() => limiter.admit(caller()))).toBe(0);
  expect(waitOf(() => limiter.admit(caller()))).toBeGreaterThan(0);
});

test("a key's own limit stands for the server's, and one key's use is not another's", () => {
  const limiter = createLimiter(handClock(), { requestsPerMinute: 1 });
  const generous = caller({ requestsPerMinute: 2 }, 'b');
  limiter.admit(caller());
  expect(waitOf(() => limiter.admit(caller()))).toBeGreaterThan(0);
  limiter.admit(generous);
  expect(limiter.state(generous)).toEqual({ limit: 2, remaining: 1, reset: 30 });
});

test('never lets more through than the limit and one burst, whenever they come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 60 }), async (pauses) => {
      const clock = handClock();
      const limiter = createLimiter(clock, { requestsPerMinute: 5 });
      let passed = 0;
      for (const pause of pauses) {
        await clock.pass(pause);
        if (waitOf(() => limiter.admit(caller())) === 0) passed += 1;
      }
      expect(passed).toBeLessThanOrEqual(5 + (clock.now() / 60_000) * 5 + 1e-6);
    }),
    { numRuns: 40 },
  );
});
