import { expect, test } from 'vitest';
import { handClock } from '../core/testing/hand-clock.ts';
import { createBlame } from './blame.ts';

const job = (id: string, session = id) => ({ id, session });

test('deaths of a job that dies alone, again and again, all count', async () => {
  const clock = handClock();
  const blame = createBlame(clock);
  blame.together(job('a'));
  blame.together(job('b'));
  expect(['a', 'b', 'c'].filter((id) => blame.isSuspect(id))).toEqual(['a', 'b']);
  for (let death = 0; death < 3; death++) {
    await clock.pass(5000);
    expect(blame.alone(job('a'))).toBe(true);
  }
  blame.forget('a');
  expect(blame.isSuspect('a')).toBe(false);
});

test('others that die along with it excuse nothing', async () => {
  const clock = handClock();
  const blame = createBlame(clock);
  for (let death = 0; death < 3; death++) {
    await clock.pass(5000);
    blame.together(job('a'));
    blame.together(job('b'));
    await clock.pass(5000);
    expect(blame.alone(job('a'))).toBe(true);
  }
});

test('of several segments of one recording each is to blame for its own', async () => {
  const clock = handClock();
  const blame = createBlame(clock);
  for (let death = 0; death < 3; death++) {
    await clock.pass(5000);
    expect(blame.alone(job('a/1', 'a'))).toBe(true);
    await clock.pass(5000);
    expect(blame.alone(job('a/2', 'a'))).toBe(true);
  }
});

test('where engines die without it as well, as many of its deaths are forgiven, but not for ever', async () => {
  const clock = handClock();
  const blame = createBlame(clock);
  const elsewhere = async (): Promise<void> => {
    await clock.pass(1000);
    blame.together(job('b'));
    await clock.pass(1000);
  };
  expect(blame.alone(job('a'))).toBe(true);
  await elsewhere();
  expect(blame.alone(job('a'))).toBe(false);
  await clock.pass(1000);
  expect(blame.alone(job('a'))).toBe(true);
  let forgiven = 1;
  for (;;) {
    await elsewhere();
    if (blame.alone(job('a'))) break;
    forgiven++;
  }
  expect(forgiven).toBe(10);
  blame.forget('a');
  expect(blame.alone(job('a'))).toBe(false);
});

test('what died a minute ago excuses nothing', async () => {
  const clock = handClock();
  const blame = createBlame(clock);
  blame.alone(job('b'));
  await clock.pass(59_999);
  expect(blame.alone(job('a'))).toBe(false);
  await clock.pass(1);
  expect(blame.alone(job('a'))).toBe(true);
});

test('what takes all engines at one moment is one death', async () => {
  const clock = handClock();
  const blame = createBlame(clock);
  for (let death = 0; death < 3; death++) {
    await clock.pass(5000);
    blame.together(job('b'));
    await clock.pass(20);
    expect(blame.alone(job('a'))).toBe(true);
    await clock.pass(20);
    blame.together(job('c'));
  }
});
