import { expect, test } from 'vitest';
import { settled } from '../core/testing/hand-clock.ts';
import { oneOrMany } from './one-or-many.ts';
import { places } from './places.ts';

const never = new AbortController().signal;

test('gives out as many places as there are; the next comes when one is given back', async () => {
  const two = places(2);
  const leave = await two.take(never);
  await two.take(never);
  let isIn = false;
  const third = two.take(never).then(() => (isIn = true));
  await settled();
  expect([isIn, two.taken()]).toEqual([false, 2]);
  leave();
  leave();
  await third;
  expect(two.taken()).toBe(2);
});

test('who stops waiting for a place takes none', async () => {
  const one = places(1);
  const leave = await one.take(never);
  const stop = new AbortController();
  const waiting = one.take(stop.signal);
  stop.abort(new Error('tired'));
  await expect(waiting).rejects.toThrow('tired');
  leave();
  expect(one.taken()).toBe(0);
  await expect(one.take(stop.signal)).rejects.toThrow('tired');
});

test('many work side by side; one alone waits for them, and those behind it wait for it', async () => {
  const order = oneOrMany();
  const log: string[] = [];
  const enter = async (name: string, alone: boolean) => {
    const stay = await order.enter(alone, never);
    log.push(name);
    return stay;
  };
  const [a, b] = await Promise.all([enter('a', false), enter('b', false)]);
  const alone = enter('alone', true);
  const behind = enter('behind', false);
  await settled();
  expect(log).toEqual(['a', 'b']);
  a.leave();
  await settled();
  expect(log).toEqual(['a', 'b']);
  b.leave();
  const loner = await alone;
  await settled();
  expect(log).toEqual(['a', 'b', 'alone']);
  loner.leave();
  const last = await behind;
  expect(log).toEqual(['a', 'b', 'alone', 'behind']);
  expect([a, b, loner, last].map((stay) => stay.wasAccompanied())).toEqual([true, true, false, false]);
});

test('a lone one that gives up waiting lets those behind it in', async () => {
  const order = oneOrMany();
  await order.enter(false, never);
  const stop = new AbortController();
  const alone = order.enter(true, stop.signal);
  const behind = order.enter(false, never);
  stop.abort(new Error('tired'));
  await expect(alone).rejects.toThrow('tired');
  expect((await behind).wasAccompanied()).toBe(true);
});
