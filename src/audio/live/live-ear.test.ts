import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { millis, samples, type LiveTurns, type Vad } from '../../core/index.ts';
import { loadSileroVad } from '../vad/silero-vad.ts';
import { openLiveEar } from './live-ear.ts';
import type { SpeechChange } from './utterances.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const TURNS: LiveTurns = {
  mode: 'vad',
  silence: millis(500),
  threshold: 0.5,
  prefix: millis(300),
  longest: millis(28_000),
};
const WAV_HEAD = 44;

let vad: Vad;
let speech: Int16Array;
beforeAll(async () => {
  vad = await loadSileroVad(pathOf('models/silero-vad-v6.onnx'));
  const wav = new Uint8Array((await readFile(pathOf('examples/jfk.wav'))).subarray(WAV_HEAD));
  speech = new Int16Array(wav.buffer, 0, wav.length >> 1);
});
afterAll(() => vad[Symbol.asyncDispose]());

async function heard(pcm: Int16Array, length: number): Promise<SpeechChange[]> {
  const ear = openLiveEar(vad, TURNS);
  const changes: SpeechChange[] = [];
  for (let at = 0; at < pcm.length; at += length) changes.push(...(await ear.push(pcm.subarray(at, at + length))));
  return [...changes, ...(await ear.cut())];
}

test('finds the phrases of real speech, the same in pushes of any length', async () => {
  const whole = await heard(speech, speech.length);
  const phrases = whole.filter(({ type }) => type === 'end');
  expect(phrases.length).toBeGreaterThan(2);
  const places = (changes: readonly SpeechChange[]) =>
    changes.map((change) => (change.type === 'start' ? change.at : [change.from, change.to]));
  expect(places(await heard(speech, 320))).toEqual(places(whole));
  expect(places(await heard(speech, 1601))).toEqual(places(whole));
});

test('silence is silent', async () => {
  expect(await heard(new Int16Array(80_000), 1600)).toEqual([]);
});

test('a gap ends the utterance, and what follows stands behind it', async () => {
  const ear = openLiveEar(vad, TURNS);
  const [start] = await ear.push(speech.subarray(0, 24_000));
  expect(start).toMatchObject({ type: 'start', utterance: 0 });
  const [end] = await ear.gap(samples(160_000));
  expect(end).toMatchObject({ type: 'end', utterance: 0 });
  expect(ear.open()).toBeUndefined();
  const [next] = await ear.push(speech.subarray(0, 24_000));
  expect(next).toMatchObject({ type: 'start', utterance: 1 });
  expect(next?.type === 'start' ? next.at : 0).toBeGreaterThanOrEqual(184_000);
});
