import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_SEGMENT_SAMPLES, SAMPLE_RATE, samples, type Segment } from '../core/index.ts';
import type { FoundSpan } from './endpoint.ts';
import { createSegmenter, type SegmentRules } from './segment.ts';

const RULES: SegmentRules = { target: samples(15 * SAMPLE_RATE), minFill: 0.5 };

/** A span without padding, in seconds. */
function span(start: number, end: number): FoundSpan {
  const bounds = { start: samples(Math.round(start * SAMPLE_RATE)), end: samples(Math.round(end * SAMPLE_RATE)) };
  return { ...bounds, voice: bounds };
}

/** Each sample's value is its position, so that a segment shows where it comes from. */
function positions(from: number, to: number): Float32Array {
  return Float32Array.from({ length: to - from }, (_, i) => from + i);
}

interface Run {
  readonly segments: readonly Segment[];
  readonly mostHeld: number;
}

/** Hands over the spans as soon as their samples have come, in steps of `step` samples. */
function run(spans: readonly FoundSpan[], step: number, rules = RULES): Run {
  const segmenter = createSegmenter(rules);
  const total = (spans.at(-1)?.end ?? 0) + SAMPLE_RATE;
  const segments: Segment[] = [];
  let mostHeld = 0;
  let waiting = [...spans];
  for (let at = 0; at < total; at += step) {
    const end = Math.min(total, at + step);
    segmenter.audio(positions(at, end));
    const found = waiting.filter((each) => each.end <= end);
    waiting = waiting.filter((each) => each.end > end);
    mostHeld = Math.max(mostHeld, segmenter.buffered());
    segments.push(...segmenter.spans(found, samples(Math.min(waiting[0]?.start ?? end, end))));
  }
  segments.push(...segmenter.end());
  return { segments, mostHeld };
}

/** Starts and ends in seconds. */
function inSeconds(segments: readonly Segment[]): readonly (readonly number[])[] {
  return segments.map(({ start, pcm }) => [start / SAMPLE_RATE, (start + pcm.length) / SAMPLE_RATE]);
}

describe('createSegmenter', () => {
  test('packs what fits into one segment and drops the silence around it', () => {
    const { segments } = run([span(1, 4), span(5, 9), span(10, 14)], 8_000);
    expect(inSeconds(segments)).toEqual([[1, 14]]);
    expect(segments[0]?.speech.map(({ start, end }) => [start / SAMPLE_RATE, end / SAMPLE_RATE])).toEqual([
      [0, 3],
      [4, 8],
      [9, 13],
    ]);
  });

  test('cuts at the longest pause of the later half', () => {
    const spans = [span(0, 3), span(6, 9), span(10.5, 12), span(12.2, 14), span(14.3, 18)];
    expect(inSeconds(run(spans, 8_000).segments)).toEqual([
      [0, 9],
      [10.5, 18],
    ]);
  });

  test('cuts where it must when no pause is late enough', () => {
    expect(inSeconds(run([span(0, 2), span(3, 16)], 8_000).segments)).toEqual([
      [0, 2],
      [3, 16],
    ]);
  });

  test('leaves a single long span whole', () => {
    expect(inSeconds(run([span(0, 27)], 8_000).segments)).toEqual([[0, 27]]);
  });

  test('hands a segment over once nothing more can join it', () => {
    const segmenter = createSegmenter(RULES);
    segmenter.audio(new Float32Array(20 * SAMPLE_RATE));
    expect(segmenter.spans([span(1, 3)], samples(15.9 * SAMPLE_RATE))).toEqual([]);
    expect(segmenter.spans([], samples(16 * SAMPLE_RATE))).toHaveLength(1);
  });

  const gaps = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 270 }));

  test('keeps every sample of speech in exactly one segment, in order, within the limits, holding little', () => {
    fc.assert(
      fc.property(
        fc.array(gaps, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(4_000, 40_000, 128_000),
        fc.constantFrom(5, 15, 28),
        (lengths, step, target) => {
          let at = 0;
          const spans = lengths.map(([gap, length]) => {
            const start = at + gap / 10;
            at = start + length / 10;
            return span(start, at);
          });
          const { segments, mostHeld } = run(spans, step, { ...RULES, target: samples(target * SAMPLE_RATE) });
          let last = 0;
          for (const { start, pcm, speech } of segments) {
            expect(start).toBeGreaterThanOrEqual(last);
            expect(pcm[0]).toBe(start);
            expect(pcm.at(-1)).toBe(start + pcm.length - 1);
            expect(pcm.length).toBeLessThanOrEqual(
              Math.max(target * SAMPLE_RATE, speech.length === 1 ? MAX_SEGMENT_SAMPLES : 0),
            );
            expect(speech[0]?.start).toBe(0);
            expect(speech.at(-1)?.end).toBe(pcm.length);
            last = start + pcm.length;
          }
          const kept = segments.flatMap(({ start, speech }) =>
            speech.map((each) => [start + each.start, start + each.end]),
          );
          expect(kept).toEqual(spans.map(({ start, end }) => [start, end]));
          expect(mostHeld).toBeLessThanOrEqual(2 * MAX_SEGMENT_SAMPLES + 2 * step);
        },
      ),
      { numRuns: 20 },
    );
  });
});
