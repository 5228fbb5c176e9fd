import { describe, expect, test } from 'vitest';
import { MAX_SEGMENT_SAMPLES } from '../../../core/index.ts';
import { settled } from '../../../core/testing/hand-clock.ts';
import { MADE_INFO, madeResult } from '../../../core/testing/made-decoding.ts';
import { MADE_SEGMENT, madeCounts } from '../testing/made-answers.ts';
import { madeOptions } from '../testing/made-options.ts';
import { LOAD_TIMEOUT, coded, failure, workshop } from '../testing/made-workshop.ts';

const options = madeOptions();

describe('startEngine', () => {
  test('loads the model, tells what it is, and takes twice the batch at once', async () => {
    const { start, last } = workshop();
    const engine = await start();
    expect(engine.info).toEqual(MADE_INFO);
    expect(engine.concurrency).toBe(6);
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

describe('an engine', () => {
  test('gives each segment its own result, in whatever order they come', async () => {
    const { start, last } = workshop();
    const engine = await start();
    const first = engine.transcribe(MADE_SEGMENT, options);
    const second = engine.transcribe(MADE_SEGMENT, options);
    await settled();
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
    await settled();
    const [a = 0, b = 0] = last().ids();
    last().say({ type: 'failed', id: a, failure: { code: 'language-unsupported', message: 'no xx' } });
    last().say({ type: 'result', id: b, result: madeResult('fine'), counts: madeCounts(1) });
    expect(await bad).toEqual(coded('language-unsupported'));
    expect((await good).text).toBe('fine');
  });

  test('tells each segment how far it is, while it is at work', async () => {
    const { start, last } = workshop();
    const engine = await start();
    const told: number[] = [];
    const done = engine.transcribe(MADE_SEGMENT, options, undefined, (share) => told.push(share));
    const other = engine.transcribe(MADE_SEGMENT, options);
    await settled();
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

  test('takes a segment back on abort and rejects with the reason of the signal', async () => {
    const { start, last } = workshop();
    const engine = await start();
    const stop = new AbortController();
    const reason = new Error('changed my mind');
    const failed = failure(engine.transcribe(MADE_SEGMENT, options, stop.signal));
    const other = engine.transcribe(MADE_SEGMENT, options);
    await settled();
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
});
