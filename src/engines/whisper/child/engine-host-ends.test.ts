import { describe, expect, test } from 'vitest';
import { settled } from '../../../core/testing/hand-clock.ts';
import { MADE_INFO, madeResult } from '../../../core/testing/made-decoding.ts';
import { MADE_SEGMENT, madeCounts } from '../testing/made-answers.ts';
import { madeOptions } from '../testing/made-options.ts';
import { HANG_TIMEOUT, coded, failure, workshop } from '../testing/made-workshop.ts';

const options = madeOptions();

test('rejects the jobs of a child that dies; the next job starts another', async () => {
  const { start, last, children } = workshop();
  const engine = await start();
  const done = engine.transcribe(MADE_SEGMENT, options);
  await settled();
  last().say({ type: 'result', id: last().ids()[0] ?? 0, result: madeResult('early'), counts: madeCounts(1) });
  await done;
  const lost = [engine.transcribe(MADE_SEGMENT, options), engine.transcribe(MADE_SEGMENT, options)].map(failure);
  await settled();
  last().die('SIGKILL');
  for (const error of await Promise.all(lost)) {
    expect(error).toEqual(coded('engine-crashed'));
    expect(String(error)).toContain('SIGKILL');
  }
  expect(children.length).toBe(1);
  const again = engine.transcribe(MADE_SEGMENT, options);
  await settled();
  expect(children.length).toBe(2);
  last().say({ type: 'result', id: last().ids()[0] ?? 0, result: madeResult('again'), counts: madeCounts(1) });
  expect((await again).text).toBe('again');
  expect(engine.stats()).toMatchObject({ segments: 2, restarts: 1 });
});

test('tells a child that takes the place of another what company it has', async () => {
  const { create, last, children } = workshop();
  const engine = create();
  const told = (): boolean[] => last().sent.flatMap((said) => (said.type === 'company' ? [said.others] : []));
  engine.keepCompany(true);
  await engine.start();
  expect(told()).toEqual([true]);
  engine.keepCompany(true);
  expect(told()).toEqual([true]);
  last().die('SIGKILL');
  await engine.start();
  expect(children.length).toBe(2);
  expect(told()).toEqual([true]);
  await engine[Symbol.asyncDispose]();
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
  await settled();
  last().say({ type: 'result', id: last().ids()[0] ?? 0, result: madeResult('fine'), counts: madeCounts(1) });
  expect((await fine).text).toBe('fine');
});

test('kills a child with work that says nothing for too long, and only such a one', async () => {
  const { start, clock, last } = workshop();
  const engine = await start();
  clock.advance(HANG_TIMEOUT * 10);
  expect(last().killed()).toBe(false);
  const failed = failure(engine.transcribe(MADE_SEGMENT, options));
  await settled();
  for (let i = 0; i < 5; i++) {
    clock.advance(HANG_TIMEOUT - 1);
    last().say({ type: 'alive', progress: [] });
  }
  expect(last().killed()).toBe(false);
  clock.advance(HANG_TIMEOUT);
  expect(await failed).toEqual(coded('engine-timeout'));
  expect(last().killed()).toBe(true);
});

test('hears nothing more of a child that it gave up', async () => {
  const { start, clock, children, last } = workshop();
  const engine = await start();
  const lost = failure(engine.transcribe(MADE_SEGMENT, options));
  await settled();
  clock.advance(HANG_TIMEOUT);
  await lost;
  const failed = failure(engine.transcribe(MADE_SEGMENT, options));
  await settled();
  const [old] = children;
  clock.advance(HANG_TIMEOUT - 1);
  old?.say({ type: 'alive', progress: [] });
  old?.say({ type: 'result', id: last().ids()[0] ?? 0, result: madeResult('late'), counts: madeCounts(50) });
  old?.say({ type: 'ready', info: { ...MADE_INFO, name: 'late' }, groups: 99 });
  clock.advance(1);
  expect(await failed).toEqual(coded('engine-timeout'));
  expect([engine.stats().segments, engine.info.name, engine.concurrency]).toEqual([0, 'made', 6]);
});

test('lets a child rest whose last work is done', async () => {
  const { start, clock, last } = workshop();
  const engine = await start();
  const done = engine.transcribe(MADE_SEGMENT, options);
  await settled();
  last().say({ type: 'result', id: last().ids()[0] ?? 0, result: madeResult('done'), counts: madeCounts(1) });
  await done;
  clock.advance(HANG_TIMEOUT * 10);
  expect(last().killed()).toBe(false);
});

test('ends its child and its jobs when it is closed, and takes no more', async () => {
  const { start, last, children } = workshop();
  const engine = await start();
  const failed = failure(engine.transcribe(MADE_SEGMENT, options));
  await settled();
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
  await settled();
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
  await settled();
  const reason = new Error('too slow');
  stop.abort(reason);
  expect(await failed).toBe(reason);
  last().say({ type: 'ready', info: MADE_INFO, groups: 4 });
  await settled();
  expect(last().ids()).toEqual([]);
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
