import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { samples, type Samples } from '../core/index.ts';
import { VAD_FRAME_SAMPLES } from '../core/ports/vad.ts';
import { FILE_ENDPOINT_RULES, findSpans, type EndpointRules, type FoundSpan } from './endpoint.ts';

const FRAME = VAD_FRAME_SAMPLES;
/** Whole frames, so that expectations can be counted in them. */
const RULES: EndpointRules = {
  onset: 0.5,
  offset: 0.35,
  minSilence: samples(5 * FRAME),
  minSpeech: samples(3 * FRAME),
  padding: samples(2 * FRAME),
  maxSpeech: samples(100 * FRAME),
};

function frames(...runs: readonly (readonly [number, number])[]): readonly number[] {
  return runs.flatMap(([count, probability]) => Array.from({ length: count }, () => probability));
}

function spansOf(
  probabilities: readonly number[],
  rules = RULES,
  sizes: readonly number[] = [1e9],
): readonly FoundSpan[] {
  const finder = findSpans(rules);
  const found: FoundSpan[] = [];
  for (let from = 0, turn = 0; from < probabilities.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    found.push(...finder.push(Float32Array.from(probabilities.slice(from, from + size))));
    from += size;
  }
  return [...found, ...finder.end(samples(probabilities.length * FRAME))];
}

/** Starts and ends in frames. */
function inFrames(spans: readonly FoundSpan[]): readonly (readonly number[])[] {
  return spans.map(({ start, end }) => [start / FRAME, end / FRAME]);
}

describe('findSpans', () => {
  test('pads a span on both sides', () => {
    expect(inFrames(spansOf(frames([20, 0.1], [10, 0.9], [20, 0.1])))).toEqual([[18, 32]]);
  });

  test('goes on through a probability between offset and onset, but does not start at one', () => {
    expect(inFrames(spansOf(frames([20, 0.1], [10, 0.9], [10, 0.4], [20, 0.1])))).toEqual([[18, 42]]);
    expect(spansOf(frames([20, 0.1], [10, 0.4], [20, 0.1]))).toEqual([]);
  });

  test('joins what a short pause parts, and keeps apart what a longer one does', () => {
    expect(inFrames(spansOf(frames([10, 0.9], [4, 0.1], [10, 0.9], [10, 0])))).toEqual([[0, 26]]);
    expect(inFrames(spansOf(frames([10, 0.9], [8, 0.1], [10, 0.9], [10, 0])))).toEqual([
      [0, 12],
      [16, 30],
    ]);
  });

  test('halves a pause that is too short for the padding of both sides', () => {
    const rules = { ...RULES, padding: samples(6 * FRAME) };
    expect(inFrames(spansOf(frames([10, 0.9], [6, 0.1], [10, 0.9], [20, 0]), rules))).toEqual([
      [0, 13],
      [13, 32],
    ]);
  });

  test('takes a click for no speech', () => {
    expect(spansOf(frames([20, 0.1], [2, 0.9], [20, 0.1]))).toEqual([]);
  });

  test('ends with the recording, in the middle of a word if need be', () => {
    const finder = findSpans(RULES);
    expect(finder.push(Float32Array.from(frames([10, 0.1], [10, 0.9])))).toEqual([]);
    expect(finder.end(samples(20 * FRAME - 100))).toEqual([
      { start: 8 * FRAME, end: 20 * FRAME - 100, voice: { start: 10 * FRAME, end: 20 * FRAME - 100 } },
    ]);
  });

  test('splits an endless speech where it is least probable in its later half', () => {
    const endless = frames([70, 0.9], [1, 0.5], [79, 0.9]);
    expect(inFrames(spansOf(endless))).toEqual([
      [0, 70],
      [70, 150],
    ]);
  });

  const probabilities = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.constantFrom(0, 0.2, 0.4, 0.6, 1)), {
    minLength: 1,
    maxLength: 20,
  });
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 });

  test('finds the same spans however the frames come: ascending, never overlapping, inside the recording', () => {
    fc.assert(
      fc.property(probabilities, sizes, (runs, cut) => {
        const all = frames(...runs);
        const spans = spansOf(all, RULES, cut);
        expect(spans).toEqual(spansOf(all));
        let last = 0;
        for (const { start, end, voice } of spans) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(voice.start).toBeGreaterThanOrEqual(start);
          expect(voice.end).toBeGreaterThan(voice.start);
          expect(end).toBeGreaterThanOrEqual(voice.end);
          expect(end - start).toBeLessThanOrEqual(RULES.maxSpeech + 2 * RULES.padding);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(all.length * FRAME);
      }),
    );
  });

  test('leaves out no frame of loud speech that lasts', () => {
    fc.assert(
      fc.property(probabilities, (runs) => {
        const all = frames(...runs);
        const spans = spansOf(all);
        let frame = 0;
        for (const [count, probability] of runs) {
          const [from, to] = [frame * FRAME, (frame + count) * FRAME];
          frame += count;
          if (probability < RULES.onset || count * FRAME < RULES.minSpeech) continue;
          const covered = spans.reduce(
            (sum, { start, end }) => sum + Math.max(0, Math.min(end, to) - Math.max(start, from)),
            0,
          );
          expect(covered).toBe(to - from);
        }
      }),
    );
  });

  test('never finds a span before its horizon', () => {
    fc.assert(
      fc.property(probabilities, (runs) => {
        const finder = findSpans(FILE_ENDPOINT_RULES);
        let horizon: Samples = samples(0);
        const check = (spans: readonly FoundSpan[]): void => {
          for (const span of spans) expect(span.start).toBeGreaterThanOrEqual(horizon);
        };
        for (const probability of frames(...runs)) {
          check(finder.push(Float32Array.of(probability)));
          expect(finder.horizon()).toBeGreaterThanOrEqual(horizon);
          horizon = finder.horizon();
        }
        check(finder.end(samples(frames(...runs).length * FRAME)));
      }),
    );
  });
});
