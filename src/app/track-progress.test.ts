import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { samples } from '../core/index.ts';
import type { Progress } from './app.ts';
import { trackProgress } from './track-progress.ts';

const SECOND = 16_000;
const stretch = (from: number, length: number) => ({ start: samples(from * SECOND), pcm: { length: length * SECOND } });

test('counts what is done with, and the shares of what is at work behind it', () => {
  const told: Progress[] = [];
  const track = trackProgress(1, samples(100 * SECOND), (progress) => told.push(progress));
  track.decoded(60 * SECOND);
  track.working(0, stretch(0, 20), 0.5);
  track.working(0, stretch(30, 10), 1);
  track.working(0, stretch(30, 10), 0.2);
  track.transcribed(0, samples(20 * SECOND));
  track.transcribed(0, samples(40 * SECOND));
  track.working(0, stretch(0, 20), 1);
  expect(told.map(({ transcribedMs }) => transcribedMs / 1000)).toEqual([0, 10, 20, 30, 40]);
  track.finish();
  expect(told.at(-1)).toEqual({ decodedMs: 60_000, transcribedMs: 40_000, totalMs: 60_000 });
  expect(told[0]).toEqual({ decodedMs: 60_000, transcribedMs: 0, totalMs: 100_000 });
});

test('the slowest channel counts', () => {
  const told: Progress[] = [];
  const track = trackProgress(2, undefined, (progress) => told.push(progress));
  track.decoded(60 * SECOND);
  track.working(0, stretch(0, 20), 1);
  expect(told.at(-1)).toEqual({ decodedMs: 60_000, transcribedMs: 0 });
  track.working(1, stretch(0, 8), 0.5);
  expect(told.at(-1)?.transcribedMs).toBe(4000);
});

test('never falls, and never passes what was decoded, whatever an engine tells', () => {
  const step = fc.record({
    what: fc.constantFrom('decoded', 'working', 'transcribed'),
    channel: fc.constantFrom(0, 1),
    segment: fc.nat(9),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const told: Progress[] = [];
      const track = trackProgress(2, undefined, (progress) => told.push(progress));
      for (const { what, channel, segment, share } of steps) {
        if (what === 'decoded') track.decoded(10 * SECOND);
        else if (what === 'working') track.working(channel, stretch(segment * 10, 8), share);
        else track.transcribed(channel, samples((segment * 10 + 8) * SECOND));
      }
      told.forEach(({ decodedMs, transcribedMs }, i) => {
        expect(transcribedMs).toBeGreaterThanOrEqual(told[i - 1]?.transcribedMs ?? 0);
        expect(transcribedMs).toBeLessThanOrEqual(decodedMs);
      });
    }),
  );
});
