import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis } from '../core/index.ts';
import { handClock, settled } from '../core/testing/hand-clock.ts';
import { stepAside } from './step-aside.ts';

const never = new AbortController().signal;
const CALM = 1000;
const PATIENCE = 5000;

function made() {
  const clock = handClock();
  const aside = stepAside({ clock, calm: millis(CALM), patience: millis(PATIENCE) });
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
  /** What was logged since it was last asked. */
  let told = 0;
  const news = async (): Promise<readonly string[]> => {
    await settled();
    const fresh = log.slice(told);
    told = log.length;
    return fresh;
  };
  return { clock, aside, run, news, end: (name: string) => finish.get(name)?.() };
}

test('background work goes on side by side while nobody waits', async () => {
  const { run, news } = made();
  void run('a');
  void run('b');
  expect(await news()).toEqual(['a begins', 'b begins']);
});

test('urgent work breaks off all of it, and none begins until it has been calm for a while', async () => {
  const { clock, aside, run, news } = made();
  void run('a');
  void run('b');
  await news();
  const done = aside.urgent();
  void run('c');
  expect(await news()).toEqual(['a stops', 'b stops']);
  done();
  done();
  await clock.pass(CALM - 1);
  expect(await news()).toEqual([]);
  expect(aside.isAside()).toBe(true);
  await clock.pass(1);
  expect(await news()).toEqual(['a begins']);
  expect(aside.isAside()).toBe(false);
});

test('after the calm, there is room for one more with each that ends', async () => {
  const { clock, aside, run, news, end } = made();
  aside.urgent()();
  const all = ['a', 'b', 'c', 'd', 'e'].map((name) => run(name));
  await clock.pass(CALM);
  expect(await news()).toEqual(['a begins']);
  end('a');
  expect(await news()).toEqual(['b begins', 'c begins']);
  end('c');
  expect(await news()).toEqual(['d begins', 'e begins']);
  for (const name of ['b', 'd', 'e']) end(name);
  await Promise.all(all);
});

test('the calm begins with the end of the last urgent work', async () => {
  const { clock, aside, run, news } = made();
  const [first, second] = [aside.urgent(), aside.urgent()];
  void run('a');
  first();
  await clock.pass(2 * CALM);
  second();
  await clock.pass(CALM / 2);
  aside.urgent()();
  await clock.pass(CALM - 1);
  expect(await news()).toEqual([]);
  await clock.pass(1);
  expect(await news()).toEqual(['a begins']);
});

test('when none has ended for long, the first is let in beside urgent work, alone, and nothing breaks it off', async () => {
  const { clock, aside, run, news, end } = made();
  aside.urgent();
  const a = run('a');
  void run('b');
  await clock.pass(PATIENCE - 1);
  expect(await news()).toEqual([]);
  await clock.pass(1);
  expect(await news()).toEqual(['a begins']);
  aside.urgent();
  await clock.pass(2 * PATIENCE);
  expect(await news()).toEqual([]);
  end('a');
  await a;
  await clock.pass(PATIENCE - 1);
  expect(await news()).toEqual([]);
  await clock.pass(1);
  expect(await news()).toEqual(['b begins']);
});

test('of work that went on for long without an end, urgent work leaves the first alone', async () => {
  const { clock, aside, run, news } = made();
  void run('a');
  void run('b');
  await clock.pass(PATIENCE);
  await news();
  aside.urgent();
  expect(await news()).toEqual(['b stops']);
});

test('work that fails, or is no longer wanted, does not begin anew', async () => {
  const { aside, clock } = made();
  await expect(aside.run(() => Promise.reject(new Error('broken')), never)).rejects.toThrow('broken');
  const stop = new AbortController();
  aside.urgent();
  const waiting = aside.run(() => Promise.resolve(1), stop.signal);
  stop.abort(new Error('unwanted'));
  await expect(waiting).rejects.toThrow('unwanted');
  expect(clock.timers()).toBe(0);
});

test('all background work ends, in a time that follows from its number, though urgent work keeps coming', async () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 6 });
  const urgents = fc.array(
    fc.record({ gap: fc.integer({ min: 0, max: 2 * CALM }), takes: fc.integer({ min: 1, max: 2 * CALM }) }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(lengths, urgents, async (works, rhythm) => {
      const clock = handClock();
      const aside = stepAside({ clock, calm: millis(CALM), patience: millis(PATIENCE) });
      const after = (time: number): Promise<void> => new Promise((resolve) => void clock.after(millis(time), resolve));
      let isOver = false;
      const keepComing = async (): Promise<void> => {
        while (!isOver) {
          for (const { gap, takes } of rhythm) {
            const done = aside.urgent();
            await after(takes);
            done();
            await after(gap);
          }
        }
      };
      const coming = keepComing();
      let ended = 0;
      for (const length of works) {
        const work = (stop: AbortSignal): Promise<void> =>
          new Promise<void>((resolve, reject) => {
            const forget = clock.after(millis(length), resolve);
            stop.addEventListener('abort', () => {
              forget();
              reject(stop.reason);
            });
          });
        void aside.run(work, never).then(() => ended++);
      }
      // Each is let in after `patience` at the latest, unless one ended in the meantime.
      await clock.pass(works.reduce((sum, length) => sum + PATIENCE + length, 0));
      isOver = true;
      expect(ended).toBe(works.length);
      await clock.pass(rhythm.length * 4 * CALM);
      await coming;
    }),
    { numRuns: 60 },
  );
});
