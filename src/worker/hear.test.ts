import { expect, test } from 'vitest';
import type { DecodeOptions, LiveJob } from '../core/index.ts';
import { DEFAULT_DECODE_OPTIONS, LIVE_VERSION, samples } from '../core/index.ts';
import { madeResult } from '../core/testing/made-decoding.ts';
import { hear } from './hear.ts';
import { askedEngine } from './testing/asked-engine.ts';

const SECOND = 16_000;

const job: LiveJob = {
  v: LIVE_VERSION,
  type: 'live',
  kind: 'partial',
  session: 'live_1',
  utterance: 3,
  revision: 4,
  from: samples(8 * SECOND),
  to: samples(11 * SECOND),
  speech: [{ start: samples(0), end: samples(3 * SECOND) }],
  model: 'tiny.en',
  options: DEFAULT_DECODE_OPTIONS,
  settled: { text: 'And so', tokens: [1, 2] },
  guess: [3, 4],
  quick: false,
};

async function optionsOf(asks: LiveJob): Promise<DecodeOptions | undefined> {
  const { asked, parts } = askedEngine(madeResult('And so my fellow'));
  await hear(asks, false, parts, new AbortController().signal);
  return asked[0]?.options;
}

test('a partial begins with what is settled, and takes what was shown behind it for a guess', async () => {
  const options = await optionsOf(job);
  expect(options).toEqual({
    ...DEFAULT_DECODE_OPTIONS,
    beamSize: 1,
    temperatures: [0],
    once: true,
    givesWay: true,
    prefix: [1, 2],
    guess: [3, 4],
  });
  const urgent = { ...job, options: { ...DEFAULT_DECODE_OPTIONS, givesWay: false } };
  expect(await optionsOf(urgent)).toEqual({ ...options, givesWay: false });
});

test('a final is decoded freely; of a server that can’t keep up greedily, with what was shown for a guess', async () => {
  const { guess, ...calm } = job;
  expect(await optionsOf({ ...calm, kind: 'final' })).toEqual(DEFAULT_DECODE_OPTIONS);
  expect(await optionsOf({ ...job, kind: 'final', quick: true })).toEqual({
    ...DEFAULT_DECODE_OPTIONS,
    beamSize: 1,
    temperatures: [0],
    guess,
  });
});
