import { expect, test } from 'vitest';
import type { DecodeOptions, Segment } from '../../core/index.ts';
import { millis, samples } from '../../core/index.ts';
import { handClock } from '../../core/testing/hand-clock.ts';
import { PLAIN } from '../../core/testing/made-decoding.ts';
import { scriptedEngine, scriptedText, type Fault, type ScriptedOptions } from './index.ts';

const decode: DecodeOptions = { ...PLAIN, language: 'auto', words: true };

const segmentAt = (start: number, length: number): Segment => ({
  start: samples(start),
  pcm: Float32Array.from({ length }, (_, i) => ((i * 37) % 1000) / 1000),
  speech: [{ start: samples(0), end: samples(length) }],
});

const pcmAt = (start: number, length: number): Float32Array => segmentAt(start, length).pcm;

function made(options: Partial<ScriptedOptions> = {}) {
  const clock = handClock();
  return { clock, engine: scriptedEngine({ clock, concurrency: 2, service: () => millis(100), ...options }) };
}

test('says the same to the same samples, and something else to others', () => {
  expect(scriptedText(pcmAt(16_000, 800))).toBe(scriptedText(pcmAt(16_000, 800)));
  const texts = [pcmAt(0, 800), pcmAt(0, 801), pcmAt(0, 800).map((value) => -value)].map(scriptedText);
  expect(new Set(texts).size).toBe(3);
});

test('says a word for each 400 ms, which stays when more is said', () => {
  const short = scriptedText(pcmAt(0, 16_000)).split(' ');
  const long = scriptedText(pcmAt(0, 40_000)).split(' ');
  expect([short.length, long.length]).toEqual([3, 7]);
  expect(long.slice(0, 2)).toEqual(short.slice(0, 2));
});

test('hears no difference in samples that went through 16 bits', () => {
  const pcm = pcmAt(0, 1600);
  const rounded = pcm.map((value) => Math.max(-1, Math.min(32_767 / 32_768, Math.round(value * 32_768) / 32_768)));
  expect(scriptedText(rounded)).toBe(scriptedText(pcm));
});

test('spreads its words over the speech, each with a token of the text', async () => {
  const { clock, engine } = made();
  const working = engine.transcribe(segmentAt(0, 16_000), decode);
  await clock.pass(100);
  const { words = [], tokens, text, spans } = await working;
  expect(words.map((word) => word.text).join(' ')).toBe(text);
  expect(words.flatMap((word) => word.tokens)).toEqual(tokens);
  expect([words[0]?.start, words.at(-1)?.end]).toEqual([0, 1000]);
  expect(spans).toEqual([{ text, start: 0, end: 1000, tokens }]);
});

test('works on as many at once as it was told; the others wait their turn', async () => {
  const { clock, engine } = made();
  const done: number[] = [];
  const working = [0, 1, 2].map(async (i) => {
    await engine.transcribe(segmentAt(i, 10), decode);
    done.push(i);
  });
  await clock.pass(100);
  expect(done).toEqual([0, 1]);
  await clock.pass(100);
  expect(done).toEqual([0, 1, 2]);
  await Promise.all(working);
  expect(engine.stats()).toMatchObject({ segments: 3, decodeMs: 300, restarts: 0 });
});

test('a crash takes all in hand along, and the next segment is heard', async () => {
  const faults: Fault[] = ['crash'];
  const { clock, engine } = made({ fault: () => faults.shift() });
  const lost = [0, 1].map((i) => engine.transcribe(segmentAt(i, 10), decode).catch((error: unknown) => error));
  await clock.pass(0);
  expect(await Promise.all(lost)).toMatchObject([{ code: 'engine-crashed' }, { code: 'engine-crashed' }]);
  const next = engine.transcribe(segmentAt(2, 10), decode);
  await clock.pass(100);
  expect((await next).text).toBe(scriptedText(pcmAt(2, 10)));
  expect(engine.stats().restarts).toBe(1);
});

test('a hang ends with its time limit, a refusal fails one segment only', async () => {
  const faults: Fault[] = ['hang'];
  const { clock, engine } = made({ fault: () => faults.shift(), hangTimeout: millis(500) });
  const hung = engine.transcribe(segmentAt(0, 10), decode).catch((error: unknown) => error);
  await clock.pass(499);
  faults.push('refuse');
  const refused = engine.transcribe(segmentAt(1, 10), decode).catch((error: unknown) => error);
  await clock.pass(1);
  expect(await hung).toMatchObject({ code: 'engine-timeout' });
  expect(await refused).toMatchObject({ code: 'engine-timeout' });
  faults.push('refuse');
  const pair = [2, 3].map((i) => engine.transcribe(segmentAt(i, 10), decode).catch((error: unknown) => error));
  await clock.pass(100);
  expect(await Promise.all(pair)).toMatchObject([{ code: 'engine-failed' }, { language: 'en' }]);
});

test('an abort gives the slot to the next and says its reason', async () => {
  const { clock, engine } = made({ concurrency: 1 });
  const stop = new AbortController();
  const first = engine.transcribe(segmentAt(0, 10), decode, stop.signal).catch((error: unknown) => error);
  const second = engine.transcribe(segmentAt(1, 10), decode);
  stop.abort(new Error('taken back'));
  expect(await first).toMatchObject({ message: 'taken back' });
  await clock.pass(100);
  expect((await second).language).toBe('en');
});

test('closing it takes back what it holds', async () => {
  const { engine } = made();
  const held = engine.transcribe(segmentAt(0, 10), decode).catch((error: unknown) => error);
  await engine[Symbol.asyncDispose]();
  expect(await held).toMatchObject({ code: 'cancelled' });
  await expect(engine.transcribe(segmentAt(0, 10), decode)).rejects.toMatchObject({ code: 'engine-failed' });
});
