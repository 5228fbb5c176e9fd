import { expect, test } from 'vitest';
import { millis, samples, type OpenUtterance } from '../../core/index.ts';
import { handClock } from '../../core/testing/hand-clock.ts';
import { lookAfterFinals } from './look-after-finals.ts';

const spoken = (utterance: number, to?: number): OpenUtterance => ({
  utterance,
  from: samples(0),
  text: '',
  words: [],
  stable: 0,
  settled: 0,
  revision: 1,
  heard: samples(0),
  ...(to === undefined ? {} : { to: samples(to) }),
});

test('puts the jobs again of an utterance that ended two looks ago, and not of one that goes on or moves on', async () => {
  const clock = handClock();
  let open: readonly OpenUtterance[] = [];
  let puts = 0;
  const stop = lookAfterFinals(
    clock,
    millis(1000),
    () => ({ open }),
    () => void puts++,
  );
  open = [spoken(0)];
  await clock.pass(5000);
  expect(puts).toBe(0);
  open = [spoken(0, 100), spoken(1)];
  await clock.pass(1000);
  expect(puts).toBe(0);
  open = [spoken(1, 200)];
  await clock.pass(1000);
  expect(puts).toBe(0);
  await clock.pass(2000);
  expect(puts).toBe(2);
  stop();
  await clock.pass(5000);
  expect(puts).toBe(2);
  expect(clock.timers()).toBe(0);
});

test('asks for other jobs where the same do not help', async () => {
  const clock = handClock();
  const asked: number[] = [];
  const stop = lookAfterFinals(
    clock,
    millis(1000),
    () => ({ open: [spoken(0, 100)] }),
    (anew) => void asked.push(anew),
  );
  await clock.pass(10_000);
  expect(asked).toEqual([0, 0, 0, 4, 0, 0, 0, 8, 0]);
  stop();
});
