import { describe, expect, test } from 'vitest';
import type { Engine } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import { MADE_INFO, madeResult } from '../../../core/testing/made-decoding.ts';
import { MADE_SEGMENT, madeCounts } from '../testing/made-answers.ts';
import type { MadeChild } from '../testing/made-child.ts';
import { madeChild, stillClock } from '../testing/made-child.ts';
import { madeOptions } from '../testing/made-options.ts';
import { startEnginePool } from './engine-pool.ts';

async function pool(size: number): Promise<{ readonly engine: Engine; readonly children: readonly MadeChild[] }> {
  const children: MadeChild[] = [];
  const engine = await startEnginePool({
    children: size,
    load: { modelPath: 'made', modelName: 'made', cacheFolder: 'none', precision: 'int8', threads: 1 },
    start: () => {
      const child = madeChild();
      children.push(child);
      queueMicrotask(() => child.say({ type: 'ready', info: MADE_INFO, groups: 4 }));
      return child;
    },
    clock: stillClock(),
    loadTimeout: millis(1000),
    hangTimeout: millis(1000),
  });
  return { engine, children };
}

const turns = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const answer = (child: MadeChild | undefined): void => {
  for (const id of child?.ids() ?? [])
    child?.say({ type: 'result', id, result: madeResult('said'), counts: madeCounts(1) });
};

describe('startEnginePool', () => {
  test('starts one child, and no other for little work', async () => {
    const { engine, children } = await pool(2);
    const work = [engine.transcribe(MADE_SEGMENT, madeOptions()), engine.transcribe(MADE_SEGMENT, madeOptions())];
    await turns();
    expect(children.map((child) => child.ids().length)).toEqual([2]);
    answer(children[0]);
    await Promise.all(work);
    await engine[Symbol.asyncDispose]();
  });

  test('starts the others for much work, and shares it evenly', async () => {
    const { engine, children } = await pool(2);
    const work = Array.from({ length: 12 }, () => engine.transcribe(MADE_SEGMENT, madeOptions()));
    await turns();
    const shares = children.map((child) => child.ids().length);
    expect(shares.length).toBe(2);
    expect(shares.reduce((a, b) => a + b, 0)).toBe(12);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(4);
    children.forEach(answer);
    expect((await Promise.all(work)).every(({ text }) => text === 'said')).toBe(true);
    expect(engine.stats()).toMatchObject({ segments: 2, restarts: 0 });
    await engine[Symbol.asyncDispose]();
  });

  test('gives a lone segment to a loaded child that has nothing to do', async () => {
    const { engine, children } = await pool(2);
    const much = Array.from({ length: 8 }, () => engine.transcribe(MADE_SEGMENT, madeOptions()));
    await turns();
    children.forEach(answer);
    await Promise.all(much);
    const before = children.map((child) => child.ids().length);
    const few = [engine.transcribe(MADE_SEGMENT, madeOptions()), engine.transcribe(MADE_SEGMENT, madeOptions())];
    await turns();
    expect(children.map((child, index) => child.ids().length - (before[index] ?? 0))).toEqual([1, 1]);
    children.forEach(answer);
    await Promise.all(few);
    await engine[Symbol.asyncDispose]();
  });

  test('tells each child whether others have work, as that changes', async () => {
    const { engine, children } = await pool(2);
    const company = (): (boolean | undefined)[] =>
      children.map(({ sent }) => sent.flatMap((said) => (said.type === 'company' ? [said.others] : [])).at(-1));
    const first = engine.transcribe(MADE_SEGMENT, madeOptions());
    await turns();
    expect(company()).toEqual([undefined]);
    const others = Array.from({ length: 7 }, () => engine.transcribe(MADE_SEGMENT, madeOptions()));
    await turns();
    expect(company()).toEqual([true, true]);
    answer(children[1]);
    await turns();
    expect(company()).toEqual([false, true]);
    answer(children[0]);
    await Promise.all([first, ...others]);
    expect(company()).toEqual([false, false]);
    await engine[Symbol.asyncDispose]();
  });

  test('loses with a child only what that child held', async () => {
    const { engine, children } = await pool(2);
    const work = Array.from({ length: 8 }, () => engine.transcribe(MADE_SEGMENT, madeOptions()));
    const settled = Promise.allSettled(work);
    await turns();
    children[1]?.die('SIGSEGV');
    answer(children[0]);
    const outcomes = await settled;
    const lost = outcomes.filter(({ status }) => status === 'rejected').length;
    expect(lost).toBe(children[1]?.ids().length);
    expect(lost).toBeLessThan(8);
    await engine[Symbol.asyncDispose]();
  });

  test('takes as much at once as all its children together', async () => {
    const { engine } = await pool(3);
    expect(engine.concurrency).toBe(3 * 6);
    await engine[Symbol.asyncDispose]();
  });
});
