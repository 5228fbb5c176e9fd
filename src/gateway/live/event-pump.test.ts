import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { settled } from '../../core/testing/hand-clock.ts';
import { millis, samples, type LiveEvent, type LoggedEvent } from '../../core/index.ts';
import { pumpEvents, withoutStale } from './event-pump.ts';

const partial = (utterance: number, revision: number): LiveEvent => ({
  type: 'partial',
  utterance,
  revision,
  from: samples(0),
  to: samples(0),
  text: '',
  stable: 0,
  settled: 0,
  words: [],
});
const start = (utterance: number): LiveEvent => ({ type: 'speech-start', utterance, at: samples(0) });
const END: LiveEvent = { type: 'finalized', id: 'end', bytes: 0, at: samples(0), last: -1 };

function madeHub() {
  const log: LoggedEvent<LiveEvent>[] = [];
  const listeners = new Set<() => void>();
  return {
    add(event: LiveEvent) {
      log.push({ seq: log.length + 1, at: millis(0), event });
      for (const heard of listeners) heard();
    },
    read: async (after: number, limit: number) => log.slice(after, after + limit),
    listen(heard: () => void) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    listeners,
  };
}

test('leaves out partials that a newer one, or a final, takes the place of', () => {
  const page = [partial(0, 1), partial(1, 1), partial(0, 2), start(2)].map((event, i) => ({
    seq: i + 1,
    at: millis(0),
    event,
  }));
  expect(withoutStale(page).map(({ seq }) => seq)).toEqual([2, 3, 4]);
});

test('gives every event once and in order but stale partials, however they come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.nat(3).map(start),
          fc.tuple(fc.nat(3), fc.nat(9)).map(([u, r]) => partial(u, r)),
        ),
        { maxLength: 200 },
      ),
      fc.integer({ min: 1, max: 50 }),
      async (events, burst) => {
        const hub = madeHub();
        const stop = new AbortController();
        const given: number[] = [];
        const pumping = pumpEvents(hub, 0, stop.signal, async ({ seq }) => {
          given.push(seq);
          await settled();
        });
        for (const [index, event] of [...events, END].entries()) {
          hub.add(event);
          if (index % burst === 0) await settled();
        }
        while (given.at(-1) !== events.length + 1) await settled();
        stop.abort();
        await pumping;
        expect(given).toEqual(given.toSorted((a, b) => a - b));
        expect(new Set(given).size).toBe(given.length);
        const lost = events.flatMap((event, i) => (given.includes(i + 1) ? [] : [event]));
        expect(lost.every(({ type }) => type === 'partial')).toBe(true);
        expect(hub.listeners.size).toBe(0);
      },
    ),
    { numRuns: 50 },
  );
});

test('ends with the signal while it waits', async () => {
  const hub = madeHub();
  const stop = new AbortController();
  const pumping = pumpEvents(hub, 0, stop.signal, async () => {});
  await settled();
  stop.abort();
  await pumping;
  expect(hub.listeners.size).toBe(0);
});
