import { expect, test } from 'vitest';
import { millis } from '../core/index.ts';
import { handClock, settled } from '../core/testing/hand-clock.ts';
import { stepAside } from './step-aside.ts';

const never = new AbortController().signal;

function made() {
  const clock = handClock();
  const aside = stepAside({ clock, beside: 1, calm: millis(1000) });
  const log: string[] = [];
  const finish = new Map<string, () => void>();
  /** Background work that ends when it is told to. */
  const run = (name: string, signal = never): Promise<void> =>
    aside.run(
      (stop) =>
        new Promise<void>((resolve, reject) => {
          log.push(`${name} begins`);
          finish.set(name, resolve);
          stop.addEventListener('abort', () => {
            log.push(`${name} stops`);
            reject(stop.reason);
          });
        }),
      signal,
    );
  return { clock, aside, log, run, end: (name: string) => finish.get(name)?.() };
}

test('background work goes on side by side while nobody waits', async () => {
  const { log, run } = made();
  void run('a');
  void run('b');
  await settled();
  expect(log).toEqual(['a begins', 'b begins']);
});

test('urgent work breaks off all but the oldest of it, which begins anew once it has been calm for a while', async () => {
  const { clock, aside, log, run, end } = made();
  const all = [run('a'), run('b'), run('c')];
  await settled();
  const done = aside.urgent();
  await settled();
  expect(log.slice(3)).toEqual(['b stops', 'c stops']);
  done();
  done();
  await clock.pass(999);
  expect(log.length).toBe(5);
  await clock.pass(1);
  expect(log.slice(5)).toEqual(['b begins', 'c begins']);
  for (const name of ['a', 'b', 'c']) end(name);
  await Promise.all(all);
});

test('some of it always goes on: when one ends, the next begins', async () => {
  const { aside, log, run, end } = made();
  aside.urgent();
  void run('a');
  void run('b');
  await settled();
  expect(log).toEqual(['a begins']);
  end('a');
  await settled();
  expect(log).toEqual(['a begins', 'b begins']);
});

test('the calm begins with the end of the last urgent work', async () => {
  const { clock, aside, log, run } = made();
  const [first, second] = [aside.urgent(), aside.urgent()];
  void run('a');
  void run('b');
  first();
  await clock.pass(5000);
  second();
  await clock.pass(500);
  aside.urgent()();
  await clock.pass(999);
  expect(log).toEqual(['a begins']);
  await clock.pass(1);
  expect(log).toEqual(['a begins', 'b begins']);
});

test('work that fails, or is no longer wanted, does not begin anew', async () => {
  const { aside } = made();
  await expect(aside.run(() => Promise.reject(new Error('broken')), never)).rejects.toThrow('broken');
  const stop = new AbortController();
  aside.urgent();
  const held = aside.run(() => new Promise(() => {}), never);
  const waiting = aside.run(() => Promise.resolve(1), stop.signal);
  stop.abort(new Error('unwanted'));
  await expect(waiting).rejects.toThrow('unwanted');
  held.catch(() => undefined);
});
