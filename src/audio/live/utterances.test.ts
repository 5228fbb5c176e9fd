import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis, samples, type LiveTurns } from '../../core/index.ts';
import { VAD_FRAME_SAMPLES } from '../../core/ports/vad.ts';
import { createUtterances, type SpeechChange } from './utterances.ts';

const TURNS: LiveTurns = {
  mode: 'vad',
  silence: millis(500),
  threshold: 0.5,
  prefix: millis(300),
  longest: millis(28_000),
};
const FRAME_MS = 32;

const stretch = (probability: number, ms: number): number[] =>
  Array.from({ length: Math.round(ms / FRAME_MS) }, () => probability);
const voice = (ms: number): number[] => stretch(0.9, ms);
const silence = (ms: number): number[] => stretch(0.02, ms);

function heard(frames: readonly number[], turns: LiveTurns = TURNS, cuts: readonly number[] = []): SpeechChange[] {
  const utterances = createUtterances(turns);
  const changes: SpeechChange[] = [];
  const places = [...new Set([0, ...cuts.map((cut) => cut % (frames.length + 1)), frames.length])].toSorted(
    (a, b) => a - b,
  );
  places.slice(1).forEach((end, i) => {
    changes.push(...utterances.push(Float32Array.from(frames.slice(places[i], end))));
  });
  changes.push(...utterances.cut(samples(frames.length * VAD_FRAME_SAMPLES)));
  return changes;
}
const ends = (changes: readonly SpeechChange[]) => changes.flatMap((change) => (change.type === 'end' ? [change] : []));
const ms = (value: number): number => value / 16;

test('an utterance begins a little before the voice and ends a little behind it', () => {
  const [end, ...others] = ends(heard([...silence(1024), ...voice(2048), ...silence(2048)]));
  expect(others).toEqual([]);
  expect(end).toMatchObject({ utterance: 0 });
  expect([ms(end?.from ?? 0), ms(end?.to ?? 0)]).toEqual([724, 3372]);
  expect(ms(end?.at ?? 0)).toBeGreaterThanOrEqual(3072 + 500);
  expect(end?.spans).toEqual([{ start: 300 * 16, end: 2348 * 16 }]);
});

test('a click is no speech', () => {
  expect(heard([...silence(500), ...voice(64), ...silence(500), ...voice(64), ...silence(500)])).toEqual([]);
});

test('a pause shorter than asked for ends nothing', () => {
  expect(ends(heard([...voice(1000), ...silence(400), ...voice(1000), ...silence(1000)])).length).toBe(1);
  expect(ends(heard([...voice(1000), ...silence(600), ...voice(1000), ...silence(1000)])).length).toBe(2);
});

test('manual turns end at no pause until they are long, then at the next', () => {
  const manual: LiveTurns = { ...TURNS, mode: 'manual' };
  const phrase = [...voice(3000), ...silence(1000)];
  expect(ends(heard([...phrase, ...phrase, ...phrase], manual)).length).toBe(1);
  const long = ends(heard(Array.from({ length: 10 }, () => phrase).flat(), manual));
  expect(long.length).toBe(2);
  expect(ms((long[0]?.to ?? 0) - (long[0]?.from ?? 0))).toBeGreaterThan(21_000);
});

test('speech that does not stop is cut in a pause of its later part, or where it is least probable', () => {
  const [first] = ends(heard([...voice(20_000), ...silence(320), ...voice(20_000)]));
  expect(ms(first?.to ?? 0)).toBeGreaterThan(19_900);
  expect(ms(first?.to ?? 0)).toBeLessThan(20_400);
  const [second] = ends(heard([...voice(18_000), ...stretch(0.5, 64), ...voice(20_000)]));
  expect(Math.abs(ms(second?.to ?? 0) - 18_000)).toBeLessThan(100);
});

test('late in a long one a short pause is its end, at once', () => {
  const [first, second] = ends(heard([...voice(24_000), ...silence(200), ...voice(9000)]));
  expect(ms(first?.to ?? 0)).toBeGreaterThan(24_000);
  expect(ms(first?.at ?? 0)).toBeLessThan(24_200);
  expect(second?.from).toBe(first?.to);
});

test('speech that does not stop is not cut before what is settled', () => {
  const frames = Float32Array.from([...voice(18_000), ...stretch(0.5, 64), ...voice(20_000)]);
  const cutBehind = (settledTo: number): number => {
    const utterances = createUtterances(TURNS);
    utterances.settled(samples(settledTo * 16));
    const [end] = ends(utterances.push(frames));
    return ms(end?.to ?? 0);
  };
  expect(cutBehind(0)).toBe(cutBehind(15_000));
  expect(Math.abs(cutBehind(15_000) - 18_000)).toBeLessThan(100);
  for (const settledTo of [18_500, 27_900]) expect(cutBehind(settledTo)).toBeGreaterThanOrEqual(settledTo);
  expect(Math.abs(cutBehind(40_000) - 28_000)).toBeLessThan(50);
});

test('a move goes on in silence at the new place', () => {
  const utterances = createUtterances(TURNS);
  utterances.push(Float32Array.from(voice(1000)));
  utterances.cut(samples(16_000));
  utterances.moveTo(samples(160_000));
  expect(utterances.open()).toBeUndefined();
  expect(utterances.push(Float32Array.from(voice(500)))).toMatchObject([{ type: 'start', utterance: 1, at: 160_000 }]);
});

const framesArb = fc
  .array(fc.record({ probability: fc.constantFrom(0, 0.2, 0.4, 0.5, 0.9), length: fc.integer({ min: 1, max: 300 }) }), {
    maxLength: 30,
  })
  .map((stretches) => stretches.flatMap(({ probability, length }) => Array<number>(length).fill(probability)));
const turnsArb = fc.record({
  mode: fc.constantFrom('vad' as const, 'manual' as const),
  silence: fc.integer({ min: 100, max: 2000 }).map(millis),
  threshold: fc.constantFrom(0.3, 0.5, 0.8),
  prefix: fc.integer({ min: 0, max: 1000 }).map(millis),
  longest: fc.integer({ min: 2000, max: 28_000 }).map(millis),
});

test('utterances are numbered, ascend, never overlap, are never too long, and do not depend on how the sound comes', () => {
  fc.assert(
    fc.property(framesArb, turnsArb, fc.array(fc.nat()), (frames, turns, cuts) => {
      const changes = heard(frames, turns);
      expect(heard(frames, turns, cuts)).toEqual(changes);
      expect(changes.map(({ type }) => type)).toEqual(changes.map((_, i) => (i % 2 === 0 ? 'start' : 'end')));
      let floor = 0;
      ends(changes).forEach(({ utterance, from, to, at, spans }, i) => {
        expect(utterance).toBe(i);
        expect(from).toBeGreaterThanOrEqual(floor);
        expect(to).toBeGreaterThan(from);
        expect(to).toBeLessThanOrEqual(at);
        expect(ms(to - from)).toBeLessThanOrEqual(turns.longest + FRAME_MS);
        expect(spans.length).toBeGreaterThan(0);
        for (const { start, end } of spans) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(to - from);
        }
        floor = to;
      });
    }),
    { numRuns: 300 },
  );
});

test('a long voice is in utterances from its beginning to its end', () => {
  fc.assert(
    fc.property(framesArb, (frames) => {
      const spoken = ends(heard(frames));
      frames.forEach((probability, index) => {
        const isLong = frames.slice(index, index + 4).every((next) => next === 0.9) && index + 4 <= frames.length;
        if (probability !== 0.9 || !isLong) return;
        const begin = index * VAD_FRAME_SAMPLES;
        const isIn = spoken.some(({ from, to }) => from <= begin && begin + VAD_FRAME_SAMPLES <= to);
        const isCut = spoken.some(({ to }) => begin < to && to < begin + VAD_FRAME_SAMPLES);
        expect(isIn || isCut).toBe(true);
      });
    }),
  );
});

test('tells where speech ends if its pause is the end, once that is known and until somebody speaks again', () => {
  const utterances = createUtterances(TURNS);
  const hear = (frames: readonly number[]): number | undefined => {
    utterances.push(Float32Array.from(frames));
    return utterances.open()?.to;
  };
  expect(hear(voice(1024))).toBeUndefined();
  expect(hear(silence(288))).toBeUndefined();
  expect(hear(silence(32))).toBe(1324 * 16);
  expect(hear(silence(96))).toBe(1324 * 16);
  expect(hear(voice(320))).toBeUndefined();
  const to = hear(silence(448));
  const [end] = ends(utterances.push(Float32Array.from(silence(96))));
  expect(end?.to).toBe(to);
});
