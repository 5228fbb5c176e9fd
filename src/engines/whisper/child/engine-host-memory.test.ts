import { expect, test } from 'vitest';
import { settled } from '../../../core/testing/hand-clock.ts';
import { MADE_INFO, madeResult } from '../../../core/testing/made-decoding.ts';
import { MADE_SEGMENT, madeCounts } from '../testing/made-answers.ts';
import type { MadeChild } from '../testing/made-child.ts';
import { madeOptions } from '../testing/made-options.ts';
import { coded, failure, workshop } from '../testing/made-workshop.ts';
import type { Outgrown } from './memory-limit.ts';

const MIB = 2 ** 20;
const LIMIT = 100 * MIB;
const options = madeOptions();

/** A workshop whose children may take 100 MiB. */
function limited(onStart?: (child: MadeChild) => void) {
  const told: Outgrown[] = [];
  return { ...workshop(onStart, { bytes: LIMIT, onOutgrown: (facts) => void told.push(facts) }), told };
}

const memory = (mebibytes: number) => ({ type: 'memory', bytes: mebibytes * MIB }) as const;
const answer = (child: MadeChild, index: number, text: string): void =>
  child.say({ type: 'result', id: child.ids()[index] ?? 0, result: madeResult(text), counts: madeCounts(1) });

test('a child within its limit goes on, and tells what it takes', async () => {
  const { start, last, children, told } = limited();
  const engine = await start();
  last().say(memory(100));
  expect([engine.stats().memoryBytes, engine.stats().outgrown]).toEqual([LIMIT, 0]);
  expect([children.length, told]).toEqual([1, []]);
});

test('a child above it finishes what it was doing, and the next segment goes to another', async () => {
  const { start, last, children, told } = limited();
  const engine = await start();
  const [old] = children;
  const [first, second] = [engine.transcribe(MADE_SEGMENT, options), engine.transcribe(MADE_SEGMENT, options)];
  await settled();
  last().say(memory(101));
  const third = engine.transcribe(MADE_SEGMENT, options);
  await settled();
  expect(old?.ids().length).toBe(2);
  answer(last(), 0, 'one');
  expect([(await first).text, old?.killed(), children.length]).toEqual(['one', false, 1]);
  last().say(memory(102));
  answer(last(), 1, 'two');
  expect([(await second).text, old?.killed()]).toEqual(['two', true]);
  await settled();
  expect(last()).not.toBe(old);
  answer(last(), 0, 'three');
  expect((await third).text).toBe('three');
  expect(engine.stats()).toMatchObject({ outgrown: 1, restarts: 1, memoryBytes: 0 });
  expect(told).toEqual([{ bytes: 101 * MIB, end: 'replaced' }]);
});

test('a child that does nothing is replaced at once', async () => {
  const { start, last, children } = limited();
  await start();
  last().say(memory(120));
  expect([children[0]?.killed(), children.length]).toEqual([true, 2]);
});

test('a child far above it is killed at once, and what it was doing is lost', async () => {
  const { start, last, told } = limited();
  const engine = await start();
  const lost = failure(engine.transcribe(MADE_SEGMENT, options));
  await settled();
  last().say(memory(110));
  const waiting = engine.transcribe(MADE_SEGMENT, options);
  last().say(memory(151));
  const error = await lost;
  expect(error).toEqual(coded('engine-crashed'));
  expect(String(error)).toContain('took 151 MiB, more than the 100 MiB that it may');
  await settled();
  answer(last(), 0, 'fine');
  expect((await waiting).text).toBe('fine');
  expect(engine.stats()).toMatchObject({ outgrown: 1, restarts: 1 });
  expect(told.map(({ end }) => end)).toEqual(['replaced', 'killed']);
});

test('a model that takes more by itself is refused, for another process would be no better', async () => {
  const { start, last } = limited((child) => {
    child.say(memory(101));
    child.say({ type: 'ready', info: MADE_INFO, groups: 4 });
  });
  const error = await failure(start());
  expect(error).toEqual(coded('engine-failed'));
  expect(String(error)).toContain('to load made');
  expect(last().killed()).toBe(true);
});

test('who waits for a child that is to be replaced hears that the engine is closed', async () => {
  const { start, last, children } = limited();
  const engine = await start();
  const held = failure(engine.transcribe(MADE_SEGMENT, options));
  await settled();
  last().say(memory(101));
  const waiting = failure(engine.transcribe(MADE_SEGMENT, options));
  await engine[Symbol.asyncDispose]();
  expect([await held, await waiting]).toEqual([coded('cancelled'), coded('engine-failed')]);
  expect(children.length).toBe(1);
});
