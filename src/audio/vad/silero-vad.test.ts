import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_RATE, type Vad, type VadStream } from '../../core/index.ts';
import { VAD_FRAME_SAMPLES } from '../../core/ports/vad.ts';
import { readFixture } from '../testing/fixtures.ts';
import { loadSileroVad } from './silero-vad.ts';

const MODEL = fileURLToPath(new URL('../../../models/silero-vad-v6.onnx', import.meta.url));
/** What another order of the same sums may change. */
const ROUNDING = 1e-5;
let vad: Vad;
let speech: Float32Array;

beforeAll(async () => {
  vad = await loadSileroVad(MODEL);
  const pcm = await readFixture('jfk.wav');
  speech = pcm.subarray(0, pcm.length - (pcm.length % VAD_FRAME_SAMPLES));
});
afterAll(async () => {
  await vad[Symbol.asyncDispose]();
});

async function pushInPieces(stream: VadStream, pcm: Float32Array, frames: number): Promise<readonly number[]> {
  const probabilities: number[] = [];
  for (let from = 0; from < pcm.length; from += frames * VAD_FRAME_SAMPLES) {
    probabilities.push(...(await stream.push(pcm.subarray(from, from + frames * VAD_FRAME_SAMPLES))));
  }
  return probabilities;
}

function furthest(a: readonly number[], b: readonly number[]): number {
  expect(a).toHaveLength(b.length);
  return Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? Number.NaN))));
}

describe('loadSileroVad', () => {
  test("gives the probabilities of Silero's own model", async () => {
    const file = new URL('../../../test/fixtures/audio/jfk-silero-v6.json', import.meta.url);
    const expected: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!Array.isArray(expected)) throw new TypeError('not a list');
    expect(furthest([...(await vad.open().push(speech))], expected.map(Number))).toBeLessThan(ROUNDING);
  });

  test.each([1, 7, 100])('gives the same whether %i frames are pushed at once or all', async (frames) => {
    const whole = await vad.open().push(speech);
    expect(furthest(await pushInPieces(vad.open(), speech, frames), [...whole])).toBeLessThan(ROUNDING);
  });

  test('keeps streams apart', async () => {
    const [one, other] = [vad.open(), vad.open()];
    const half = speech.subarray(0, 100 * VAD_FRAME_SAMPLES);
    await other.push(new Float32Array(half.length).map((_, i) => Math.sin(i)));
    expect(await one.push(half)).toEqual(await vad.open().push(half));
  });

  test('rests after a second of digital silence and hears the speech behind it', async () => {
    const silence = new Float32Array(3_000 * VAD_FRAME_SAMPLES);
    const pcm = Float32Array.from([...silence, ...speech]);
    const probabilities = await vad.open().push(pcm);
    expect(Math.max(...probabilities.subarray(0, 3_000))).toBeLessThan(0.1);
    expect([...probabilities.subarray(100, 3_000)]).toEqual(Array.from({ length: 2_900 }, () => 0));
    const behind = [...probabilities.subarray(3_000)];
    const expected = [...(await vad.open().push(speech))];
    const agree = behind.filter((value, index) => value >= 0.5 === (expected[index] ?? 0) >= 0.5);
    expect(agree.length / expected.length).toBeGreaterThan(0.98);
  });

  test('refuses samples that are no whole frames', async () => {
    await expect(vad.open().push(new Float32Array(500))).rejects.toThrow('500 samples are not whole frames');
  });

  test.each([
    ['a missing file', '/nowhere/silero.onnx', 'model-missing'],
    ['a file that is no model', fileURLToPath(import.meta.url), 'model-invalid'],
  ])('says so when it is given %s', async (_, path, code) => {
    await expect(loadSileroVad(path)).rejects.toMatchObject({ code });
  });

  test('takes a minute of speech in well under a second', async () => {
    const minute = new Float32Array(Math.floor((60 * SAMPLE_RATE) / VAD_FRAME_SAMPLES) * VAD_FRAME_SAMPLES);
    for (let at = 0; at < minute.length; at += speech.length) minute.set(speech.subarray(0, minute.length - at), at);
    const before = process.cpuUsage();
    await vad.open().push(minute);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(0.6);
  });
});
