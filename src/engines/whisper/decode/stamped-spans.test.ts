import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readStamps } from './stamped-spans.ts';

const BEGIN = 1000;
const at = (seconds: number): number => BEGIN + seconds * 50;

describe('readStamps', () => {
  test('reads a text without an end stamp to the end of the audio', () => {
    expect(readStamps([at(0.5), 1, 2], BEGIN, 9000)).toEqual({
      spans: [{ tokens: [1, 2], start: 500, end: 9000 }],
      resumeAt: undefined,
    });
  });

  test('reads a text that ends with one stamp to that stamp, and has nothing left to tell', () => {
    expect(readStamps([at(0), 1, at(2), at(2.5), 2, 3, at(4)], BEGIN, 9000)).toEqual({
      spans: [
        { tokens: [1], start: 0, end: 2000 },
        { tokens: [2, 3], start: 2500, end: 4000 },
      ],
      resumeAt: undefined,
    });
  });

  test('leaves what follows the last pair of stamps to be decoded again', () => {
    expect(readStamps([at(0), 1, at(2), at(2.5), 2, 3], BEGIN, 9000)).toEqual({
      spans: [{ tokens: [1], start: 0, end: 2000 }],
      resumeAt: 2000,
    });
    expect(readStamps([at(0), 1, at(2), at(2)], BEGIN, 9000)).toEqual({
      spans: [{ tokens: [1], start: 0, end: 2000 }],
      resumeAt: 2000,
    });
  });

  test('reads nothing out of nothing', () => {
    expect(readStamps([], BEGIN, 9000)).toEqual({ spans: [], resumeAt: undefined });
    expect(readStamps([at(1)], BEGIN, 9000)).toEqual({ spans: [], resumeAt: undefined });
  });

  test('ends nothing after the audio', () => {
    expect(readStamps([at(0), 1, at(30)], BEGIN, 9000).spans).toEqual([{ tokens: [1], start: 0, end: 9000 }]);
  });

  const span = fc.record({
    text: fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 5 }),
    pause: fc.integer({ min: 0, max: 100 }),
    length: fc.integer({ min: 1, max: 200 }),
  });

  test('gives back every span with its times, all in pairs', () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 6 }), (parts) => {
        let time = BEGIN;
        const written = parts.map(({ text, pause, length }) => {
          const start = time + pause;
          time = start + length;
          return { tokens: text, start, end: time };
        });
        const tokens = written.flatMap(({ tokens: text, start, end }) => [start, ...text, end]);
        const { spans, resumeAt } = readStamps(tokens, BEGIN, 1e6);
        expect(spans).toEqual(
          written.map((one) => ({ ...one, start: (one.start - BEGIN) * 20, end: (one.end - BEGIN) * 20 })),
        );
        expect(resumeAt).toBeUndefined();
      }),
    );
  });

  test('keeps order and bounds, and goes on from inside the audio, whatever was decoded', () => {
    const anything = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 99 }), fc.integer({ min: BEGIN, max: BEGIN + 1500 })),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 30_000 }), (tokens, duration) => {
        const { spans, resumeAt = 0 } = readStamps(tokens, BEGIN, duration);
        for (const { start, end, tokens: text } of spans) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(start).toBeLessThanOrEqual(end);
          expect(end).toBeLessThanOrEqual(duration);
          expect(text.length).toBeGreaterThan(0);
          expect(text.every((token) => token < BEGIN)).toBe(true);
        }
        expect(resumeAt).toBeGreaterThanOrEqual(0);
        expect(resumeAt).toBeLessThanOrEqual(duration);
      }),
    );
  });
});
