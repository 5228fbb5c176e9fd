import { describe, expect, test } from 'vitest';
import { MAX_SEGMENT_SAMPLES, millis } from '../../../core/index.ts';
import { MADE_INFO, MADE_SEGMENT, madeCounts, madeResult } from '../testing/made-answers.ts';
import type { MadeChild } from '../testing/made-child.ts';
import { madeChild, stillClock } from '../testing/made-child.ts';
import { madeOptions } from '../testing/made-options.ts';
import type { EngineHostOptions } from './engine-host.ts';
import { createEngine, startEngine } from './engine-host.ts';

const options = madeOptions();

const LOAD_TIMEOUT = 5000;
const HANG_TIMEOUT = 1000;

/** Children that are ready at once, unless told otherwise; the last of them at hand. */
function workshop(
  onStart: (child: MadeChild) => void = (child) => child.say({ type: 'ready', info: MADE_INFO, groups: 4 }),
) {
  const clock = stillClock();
  const children: MadeChild[] = [];
  const hostOptions: EngineHostOptions = {
    load: { modelPath: 'made', modelName: 'made', cacheFolder: 'none', precision: 'int8', threads: 1 },
    start: () => {
      const child = madeChild();
      children.push(child);
      queueMicrotask(() => onStart(child));
      return child;
    },
    clock,
    loadTimeout: millis(LOAD_TIMEOUT),
    hangTimeout: millis(HANG_TIMEOUT),
  };
  const last = (): MadeChild => children.at(-1) ?? madeChild();
  return { clock, children, last, start: () => startEngine(hostOptions), create: () => createEngine(hostOptions) };
}

/** Lets what has been promised happen. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );
const coded = (code: string): unknown => expect.objectContaining({ code });

describe('startEngine', () => {
  test('loads the model, tells what it is, and takes twice the batch at once', async () => {
    const { start, last } = workshop();
    const engine = await start();
    expect(engine.info).toEqual(MADE_INFO);
    expect(engine.concurrency).toBe(8);
    expect(last().sent.map(({ type }) => type)).toEqual(['load']);
  });

  test('passes on why a child refuses to load, and stops it', async () => {
    const { start, last } = workshop((child) =>
      child.say({ type: 'refused', failure: { code: 'model-invalid', message: 'made: it is empty' } }),
    );
    expect(await failure(start())).toMatchObject({ code: 'model-invalid', message: 'made: it is empty' });
    expect(last().killed()).toBe(true);
  });

  test('says that a child died while loading, and of what', async () => {
    const { start } = workshop((child) => child.die('SIGILL'));
    const error = await failure(start());
    expect(error).toEqual(coded('engine-crashed'));
    expect(String(error)).toContain('SIGILL');
  });

  test('stops a child that takes too long to load', async () => {
    const { start, clock, last } = workshop(() => {});
    const failed = failure(start());
    clock.advance(LOAD_TIMEOUT - 1);
    expect(last().killed()).toBe(false);
    clock.advance(1);
    expect(await failed).toEqual(coded('engine-timeout'));
    expect(last().killed()).toBe(true);
  });
});

describe('an engine that is closed while it starts', () => {
  test('tells its child to leave, and kills it only when it stays', async () => {
    for (const leaves of [true, false]) {
      const { create, clock, last } = workshop(() => {});
      const engine = create();
      const failed = failure(engine.start());
      const closed = engine[Symbol.asyncDispose]();
      expect([last().toldToLeave(), last().killed()]).toEqual([true, false]);
      if (leaves) last().die('exit code 0');
      else clock.advance(2000);
      await closed;
      expect(last().killed()).toBe(!leaves);
      expect(await failed).toEqual(coded('cancelled'));
    }
  });

  test('starts no child any more', async () => {
    const { create, children } = workshop();
    const engine = create();
    await engine[Symbol.asyncDispose]();
    expect(await failure(engine.start())).toEqual(coded('engine-failed'));
    expect(children).toEqual([]);
  });
});

describe('an engine', () => {
  test('gives each segment its own result, in whatever order they come', async () => {
    const { start, last } = workshop();
    const engine = await start();
    const first = engine.transcribe(MADE_SEGMENT, options);
    const second = engine.transcribe(MADE_SEGMENT, options);
    await settle();
    const [a = 0, b = 0] = last().ids();
    last().say({ type: 'result', id: b, result: madeResult('two'), counts: madeCounts(1) });
    last().say({ type: 'result', id: a, result: madeResult('one'), counts: madeCounts(2) });
    expect([(await first).text, (await second).text]).toEqual(['one', 'two']);
    expect(engine.stats()).toMatchObject({ segments: 2, steps: 20, restarts: 0 });
  });

  test('passes on why one segment failed and goes on with the others', async () => {
    const { start, last } = workshop();
    const engine = await start();
    const bad = failure(engine.transcribe(MADE_SEGMENT, { ...options, language: 'xx' }));
    const good = engine.transcribe(MADE_SEGMENT, options);
    await settle();
    const [a = 0, b = 0] = last().ids();
    last().say({ type: 'failed', id: a, failure: { code: 'language-unsupported', message: 'no xx' } });
    last().say({ type: 'result', id: b, result: madeResult('fine'), counts: madeCounts(1) });
    expect(await bad).toEqual(coded('language-unsupported'));
    expect((await good).text).toBe('fine');
  });

  test('rejects the jobs of a child that dies; the next job starts another', async () => {
    const { start, last, children } = workshop();
    const engine = await start();
    const done = engine.transcribe(MADE_SEGMENT, options);
    await settle();
    last().say({ type: 'result', id: last().ids()[0] ?? 0, result: madeResult('early'), counts: madeCounts(1) });
    await done;
    const lost = [engine.transcribe(MADE_SEGMENT, options), engine.transcribe(MADE_SEGMENT, options)].map(failure);
    await settle();
    last().die('SIGKILL');
    for (const error of await Promise.all(lost)) {
      expect(error).toEqual(coded('engine-crashed'));
      expect(String(error)).toContain('SIGKILL');
    }
    expect(children.length).toBe(1);
    const again = engine.transcribe(MADE_SEGMENT, options);
    await settle();
    expect(children.length).toBe(2);
    last().say({ type: 'result', id: last().ids()[0] ?? 0, result: madeResult('again'), counts: madeCounts(1) });
    expect((await again).text).toBe('again');
    expect(engine.stats()).toMatchObject({ segments: 2, restarts: 1 });
  });

  test('fails the jobs that waited for a restart that fails, and tries again at the next', async () => {
    let broken = false;
    const { start, last, children } = workshop((child) => {
      if (broken) child.die('SIGSEGV');
      else child.say({ type: 'ready', info: MADE_INFO, groups: 4 });
    });
    const engine = await start();
    last().die('SIGKILL');
    broken = true;
    const waiting = [engine.transcribe(MADE_SEGMENT, options), engine.transcribe(MADE_SEGMENT, options)].map(failure);
    expect(await Promise.all(waiting)).toEqual([coded('engine-crashed'), coded('engine-crashed')]);
    expect(children.length).toBe(2);
    broken = false;
    const fine = engine.transcribe(MADE_SEGMENT, options);
    await settle();
    last().say({ type: 'result', id: last().ids()[0] ?? 0, result: madeResult('fine'), counts: madeCounts(1) });
    expect((await fine).text).toBe('fine');
  });

  test('kills a child with work that says nothing for too long, and only such a one', async () => {
    const { start, clock, last } = workshop();
    const engine = await start();
    clock.advance(HANG_TIMEOUT * 10);
    expect(last().killed()).toBe(false);
    const failed = failure(engine.transcribe(MADE_SEGMENT, options));
    await settle();
    for (let i = 0; i < 5; i++) {
      clock.advance(HANG_TIMEOUT - 1);
      last().say({ type: 'alive', progress: [] });
    }
    expect(last().killed()).toBe(false);
    clock.advance(HANG_TIMEOUT);
    expect(await failed).toEqual(coded('engine-timeout'));
    expect(last().killed()).toBe(true);
  });

  test('tells each segment how far it is, while it is at work', async () => {
    const { start, last } = workshop();
    const engine = await start();
    const told: number[] = [];
    const done = engine.transcribe(MADE_SEGMENT, options, undefined, (share) => told.push(share));
    const other = engine.transcribe(MADE_SEGMENT, options);
    await settle();
    const [id = 0, otherId = 0] = last().ids();
    last().say({ type: 'alive', progress: [[otherId, 0.9]] });
    last().say({
      type: 'alive',
      progress: [
        [id, 0.5],
        [otherId, 0.9],
        [77, 0.1],
      ],
    });
    last().say({ type: 'result', id, result: madeResult('done'), counts: madeCounts(1) });
    last().say({ type: 'alive', progress: [[id, 0.7]] });
    last().say({ type: 'result', id: otherId, result: madeResult('done'), counts: madeCounts(1) });
    await Promise.all([done, other]);
    expect(told).toEqual([0.5]);
  });

  test('hears nothing more of a child that it gave up', async () => {
    const { start, clock, children, last } = workshop();
    const engine = await start();
    const lost = failure(engine.transcribe(MADE_SEGMENT, options));
    await settle();
    clock.advance(HANG_TIMEOUT);
    await lost;
    const failed = failure(engine.transcribe(MADE_SEGMENT, options));
    await settle();
    const [old] = children;
    clock.advance(HANG_TIMEOUT - 1);
    old?.say({ type: 'alive', progress: [] });
    old?.say({ type: 'result', id: last().ids()[0] ?? 0, result: madeResult('late'), counts: madeCounts(50) });
    old?.say({ type: 'ready', info: { ...MADE_INFO, name: 'late' }, groups: 99 });
    clock.advance(1);
    expect(await failed).toEqual(coded('engine-timeout'));
    expect([engine.stats().segments, engine.info.name, engine.concurrency]).toEqual([0, 'made', 8]);
  });

  test('lets a child rest whose last work is done', async () => {
    const { start, clock, last } = workshop();
    const engine = await start();
    const done = engine.transcribe(MADE_SEGMENT, options);
    await settle();
    last().say({ type: 'result', id: last().ids()[0] ?? 0, result: madeResult('done'), counts: madeCounts(1) });
    await done;
    clock.advance(HANG_TIMEOUT * 10);
    expect(last().killed()).toBe(false);
  });

  test('takes a segment back on abort and rejects with the reason of the signal', async () => {
    const { start, last } = workshop();
    const engine = await start();
    const stop = new AbortController();
    const reason = new Error('changed my mind');
    const failed = failure(engine.transcribe(MADE_SEGMENT, options, stop.signal));
    const other = engine.transcribe(MADE_SEGMENT, options);
    await settle();
    const [id = 0, otherId = 0] = last().ids();
    stop.abort(reason);
    expect(await failed).toBe(reason);
    expect(last().sent.at(-1)).toEqual({ type: 'cancel', id });
    // What comes late of it is nobody's; the other is not touched.
    last().say({ type: 'result', id, result: madeResult('late'), counts: madeCounts(1) });
    last().say({ type: 'result', id: otherId, result: madeResult('other'), counts: madeCounts(2) });
    expect((await other).text).toBe('other');
    expect(await failure(engine.transcribe(MADE_SEGMENT, options, stop.signal))).toBe(reason);
    expect(last().ids().length).toBe(2);
  });

  test.each([0, MAX_SEGMENT_SAMPLES + 1])('refuses a segment of %i samples', async (length) => {
    const { start, last } = workshop();
    const engine = await start();
    const refused = engine.transcribe({ ...MADE_SEGMENT, pcm: new Float32Array(length) }, options);
    expect(await failure(refused)).toEqual(coded('engine-failed'));
    expect(last().ids()).toEqual([]);
  });

  test('ends its child and its jobs when it is closed, and takes no more', async () => {
    const { start, last, children } = workshop();
    const engine = await start();
    const failed = failure(engine.transcribe(MADE_SEGMENT, options));
    await settle();
    await engine[Symbol.asyncDispose]();
    expect(await failed).toEqual(coded('cancelled'));
    expect(last().killed()).toBe(true);
    expect(await failure(engine.transcribe(MADE_SEGMENT, options))).toEqual(coded('engine-failed'));
    await engine[Symbol.asyncDispose]();
    expect(children.length).toBe(1);
  });

  test('leaves no segment without an answer that comes as the child dies or is closed', async () => {
    const { start, last } = workshop();
    const engine = await start();
    const orphan = failure(engine.transcribe(MADE_SEGMENT, options));
    last().die('SIGKILL');
    expect(await orphan).toEqual(coded('engine-crashed'));
    const again = engine.transcribe(MADE_SEGMENT, options);
    await settle();
    last().say({ type: 'result', id: last().ids()[0] ?? 0, result: madeResult('again'), counts: madeCounts(1) });
    await again;
    const late = failure(engine.transcribe(MADE_SEGMENT, options));
    await engine[Symbol.asyncDispose]();
    expect(await late).toEqual(coded('cancelled'));
  });

  test('hears an abort while its child is loading again', async () => {
    let ready = true;
    const { start, last } = workshop((child) => {
      if (ready) child.say({ type: 'ready', info: MADE_INFO, groups: 4 });
    });
    const engine = await start();
    ready = false;
    last().die('SIGKILL');
    const stop = new AbortController();
    const failed = failure(engine.transcribe(MADE_SEGMENT, options, stop.signal));
    await settle();
    const reason = new Error('too slow');
    stop.abort(reason);
    expect(await failed).toBe(reason);
    last().say({ type: 'ready', info: MADE_INFO, groups: 4 });
    await settle();
    expect(last().ids()).toEqual([]);
  });
});
