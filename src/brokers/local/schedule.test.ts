import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis } from '../../core/index.ts';
import { handClock } from '../../core/testing/hand-clock.ts';
import { schedule } from './schedule.ts';

const entry = fc.record({ at: fc.nat({ max: 10_000 }), addedAt: fc.nat({ max: 5000 }) });

test('calls back for everything, earliest first, at its time and never before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 60 }), async (entries) => {
      const clock = handClock();
      const seen: { readonly key: string; readonly at: number; readonly now: number }[] = [];
      const due = schedule(
        clock,
        () => clock.now(),
        (key, at) => seen.push({ key, at, now: clock.now() }),
      );
      for (const { at, addedAt } of entries.toSorted((a, b) => a.addedAt - b.addedAt)) {
        await clock.pass(addedAt - clock.now());
        due.add(millis(addedAt + at), `${addedAt + at}`);
      }
      await clock.pass(20_000);
      expect(seen.map(({ at }) => at)).toEqual(
        entries.map(({ at, addedAt }) => at + addedAt).toSorted((a, b) => a - b),
      );
      for (const { key, at, now } of seen) expect([key, now]).toEqual([`${at}`, at]);
      expect(clock.timers()).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('waits for a day in steps that a timer can hold', async () => {
  const clock = handClock();
  const seen: number[] = [];
  const due = schedule(
    clock,
    () => clock.now(),
    (_, at) => seen.push(at),
  );
  const day = 86_400_000;
  due.add(millis(40 * day), 'later');
  await clock.pass(40 * day - 1);
  expect(seen).toEqual([]);
  await clock.pass(1);
  expect(seen).toEqual([40 * day]);
});

test('calls nobody once it is closed', async () => {
  const clock = handClock();
  const seen: string[] = [];
  const due = schedule(
    clock,
    () => clock.now(),
    (key) => seen.push(key),
  );
  due.add(millis(10), 'a');
  due.close();
  await clock.pass(20);
  expect([seen, clock.timers()]).toEqual([[], 0]);
});
