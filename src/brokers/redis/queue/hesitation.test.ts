import { expect, test } from 'vitest';
import { millis } from '../../../core/index.ts';
import { handClock } from '../../../core/testing/hand-clock.ts';
import { hesitation, type Hesitation } from './hesitation.ts';

/** Draws that a seed repeats. */
function draws(): () => number {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** How soon all know that a job is taken. */
const TOLD_AFTER = millis(2);

test('of a hundred idle processes a few ask for a job, and it does not wait long', async () => {
  const clock = handClock();
  const random = draws();
  const idle = Array.from({ length: 100 }, () => hesitation(clock, millis(100), random));
  let asks = 0;
  let waited = 0;
  const [jobs, counted] = [400, 200];
  for (let job = 0; job < jobs; job++) {
    const putAt = clock.now();
    let takenAt: number | undefined;
    const ask = async (one: Hesitation): Promise<void> => {
      await one.wait();
      if (takenAt !== undefined && clock.now() > takenAt + TOLD_AFTER) return;
      const isFirst = takenAt === undefined;
      takenAt ??= clock.now();
      if (job >= jobs - counted) asks++;
      clock.after(TOLD_AFTER, () => one.asked(isFirst));
    };
    void Promise.all(idle.map(ask));
    await clock.pass(20);
    if (job >= jobs - counted) waited += (takenAt ?? clock.now()) - putAt;
  }
  expect(asks / counted).toBeLessThan(8);
  expect(asks / counted).toBeGreaterThanOrEqual(1);
  expect(waited / counted).toBeLessThan(4);
});

test('who is alone, or was idle for a while, does not wait', async () => {
  const clock = handClock();
  const one = hesitation(clock, millis(100), () => 0.5);
  let done = 0;
  const count = (): void => void done++;
  await one.wait().then(count);
  for (let lost = 0; lost < 20; lost++) one.asked(false);
  const waiting = one.wait().then(count);
  await clock.pass(49);
  expect(done).toBe(1);
  await clock.pass(1);
  await waiting;
  expect(done).toBe(2);
  for (let won = 0; won < 13; won++) one.asked(true);
  await one.wait().then(count);
  for (let lost = 0; lost < 20; lost++) one.asked(false);
  await clock.pass(7000);
  await one.wait().then(count);
  expect(done).toBe(4);
});

test('nobody is left waiting when all is closed', async () => {
  const clock = handClock();
  const one = hesitation(clock, millis(100), () => 0.5);
  one.asked(false);
  const waiting = one.wait();
  one.close();
  await expect(waiting).resolves.toBeUndefined();
});
