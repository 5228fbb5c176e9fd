import { expect, test } from 'vitest';
import { handClock } from '../core/testing/hand-clock.ts';
import { decoderTurn } from './decoder-turn.ts';
import { pacedBlocks } from './paced-blocks.ts';
import { places } from './places.ts';
import { WRITE_SAMPLES } from './stored-blocks.ts';

const SECOND = 1000;

/** A file of four blocks that are written at once. */
function made(signal = new AbortController().signal) {
  const clock = handClock();
  const decoders = places(1);
  const place = decoderTurn(decoders, clock, signal);
  let isAside = true;
  let came = 0;
  async function* file(): AsyncGenerator<readonly Float32Array[], void, undefined> {
    for (let block = 0; block < 4; block++) yield [new Float32Array(WRITE_SAMPLES)];
  }
  const reading = (async () => {
    await place.begin();
    for await (const block of pacedBlocks(file(), { clock, place, isAside: () => isAside }, signal))
      came += block.length;
    place.end();
  })();
  return { clock, decoders, reading, came: () => came, open: () => (isAside = false) };
}

test('while it makes way, a file goes on as fast as it was spoken, and leaves its decoder to others', async () => {
  const { clock, decoders, reading, came } = made();
  await clock.pass(0);
  expect([came(), decoders.taken()]).toEqual([0, 0]);
  for (const blocks of [1, 2, 3, 4]) {
    await clock.pass(8 * SECOND);
    expect(came()).toBe(blocks);
  }
  await reading;
  expect(decoders.taken()).toBe(0);
});

test('as soon as the way is free, the rest comes at once', async () => {
  const { clock, reading, came, open } = made();
  await clock.pass(SECOND);
  open();
  await clock.pass(SECOND);
  expect(came()).toBe(4);
  await reading;
});

test('a file that is no longer wanted does not wait on', async () => {
  const stop = new AbortController();
  const { clock, reading } = made(stop.signal);
  await clock.pass(0);
  stop.abort(new Error('unwanted'));
  await expect(reading).rejects.toThrow('unwanted');
});
