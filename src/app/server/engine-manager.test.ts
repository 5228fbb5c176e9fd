import { expect, test } from 'vitest';
import type { Engine, Logger } from '../../core/index.ts';
import { ScriptoriumError, heeding, millis } from '../../core/index.ts';
import { handClock, settled } from '../../core/testing/hand-clock.ts';
import { scriptedEngine } from '../../engines/scripted/index.ts';
import { engineManager } from './engine-manager.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };
const never = new AbortController().signal;

/** Models of 100 bytes each in room for 250; `failures` are what the next loads end with, `hold` keeps them from ending. */
function made({ hold }: { readonly hold?: Promise<void> } = {}) {
  const clock = handClock();
  const loads: string[] = [];
  const closed: string[] = [];
  const failures: Error[] = [];
  const manager = engineManager({
    clock,
    log: silent,
    pinned: 'main',
    idleAfter: millis(1000),
    memoryBytes: 250,
    sizeOf: () => Promise.resolve(100),
    async load(name, signal): Promise<Engine> {
      loads.push(name);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      if (hold !== undefined) await heeding(signal, hold);
      const engine = scriptedEngine({ clock, concurrency: 1, service: () => millis(1), name });
      return {
        ...engine,
        [Symbol.asyncDispose]() {
          closed.push(name);
          return Promise.resolve();
        },
      };
    },
  });
  return { clock, loads, closed, failures, manager };
}

test('loads a model once for all who ask at the same time', async () => {
  const { manager, loads } = made();
  const uses = await Promise.all([manager.use('a', never), manager.use('a', never), manager.use('b', never)]);
  expect(loads).toEqual(['a', 'b']);
  expect(uses[0]?.engine).toBe(uses[1]?.engine);
  expect(manager.state('a')).toBe('ready');
});

test('unloads a model that nobody has used for a while, but never the one that is pinned', async () => {
  const { manager, clock, closed, loads } = made();
  const [a, main] = await Promise.all([manager.use('a', never), manager.use('main', never)]);
  main.release();
  await clock.pass(5000);
  expect(closed).toEqual([]);
  a.release();
  a.release();
  await clock.pass(999);
  (await manager.use('a', never)).release();
  await clock.pass(999);
  expect(closed).toEqual([]);
  await clock.pass(1);
  expect([closed, manager.state('a'), manager.state('main')]).toEqual([['a'], undefined, 'ready']);
  await manager.use('a', never);
  expect(loads).toEqual(['a', 'main', 'a']);
});

test('makes room for a model with those that nobody uses, longest unused first', async () => {
  const { manager, clock, closed } = made();
  const [a, b] = await Promise.all([manager.use('a', never), manager.use('b', never)]);
  b.release();
  await clock.pass(1);
  a.release();
  await manager.use('c', never);
  expect(closed).toEqual(['b']);
  await manager.use('d', never);
  expect(closed).toEqual(['b', 'a']);
  // Those that are left are in use: a fifth comes beside them.
  await manager.use('e', never);
  expect(closed).toEqual(['b', 'a']);
});

test('a load that failed is tried anew by the next who asks', async () => {
  const { manager, failures, loads } = made();
  failures.push(new ScriptoriumError('model-invalid', 'damaged'));
  const both = await Promise.allSettled([manager.use('a', never), manager.use('a', never)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await manager.use('a', never);
  expect(loads).toEqual(['a', 'a']);
});

test('who stops waiting does not stop the load', async () => {
  let go = (): void => {};
  const { manager, loads } = made({ hold: new Promise((resolve) => (go = resolve)) });
  const stop = new AbortController();
  const waiting = manager.use('a', stop.signal);
  await settled();
  expect(manager.state('a')).toBe('loading');
  stop.abort(new Error('tired'));
  await expect(waiting).rejects.toThrow('tired');
  go();
  await manager.use('a', never);
  expect(loads).toEqual(['a']);
});

test('closes what is loaded and stops what is loading', async () => {
  const { manager, closed } = made();
  await manager.use('a', never);
  await manager[Symbol.asyncDispose]();
  expect(closed).toEqual(['a']);
  const held = made({ hold: new Promise(() => {}) });
  const waiting = held.manager.use('b', never).catch((error: unknown) => error);
  await settled();
  await held.manager[Symbol.asyncDispose]();
  expect(await waiting).toMatchObject({ code: 'cancelled' });
});
