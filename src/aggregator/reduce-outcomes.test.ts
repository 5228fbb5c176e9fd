import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type {
  AudioLedger,
  CommittedOutcome,
  JobOutcome,
  TranscriptionEvent,
  TranscriptionRecord,
} from '../core/index.ts';
import { PREPARE_SLOT, foldEvents, isEnded, ledgerOf, millis, samples, segmentSlot } from '../core/index.ts';
import { reduceOutcomes } from './reduce-outcomes.ts';
import { accepted, committed, failedOutcome, outcomesOf, type MadeChannel } from './testing/made-outcomes.ts';

/** Up to three channels, as long as each other, with segments that ascend. */
const channelsArb = fc.integer({ min: 1, max: 3 }).chain((count) =>
  fc.array(
    fc.array(
      fc.record({
        gap: fc.nat(5000),
        length: fc.integer({ min: 1, max: 9000 }),
        text: fc.constantFrom('', 'Yes.', 'No.'),
      }),
      { maxLength: 6 },
    ),
    { minLength: count, maxLength: count },
  ),
);

/** One number for each outcome that there can be. */
const drawsArb = fc.array(fc.nat(), { minLength: 40, maxLength: 40 });

function madeChannels(shapes: readonly (readonly { gap: number; length: number; text: string }[])[]): MadeChannel[] {
  const channels = shapes.map((shape) => {
    let at = 0;
    return shape.map(({ gap, length, text }, i) => {
      const start = at + gap;
      at = start + length;
      return { start, length, text: text === '' ? '' : `${i} ${text}` };
    });
  });
  const total =
    Math.max(...channels.map((segments) => (segments.at(-1)?.start ?? 0) + (segments.at(-1)?.length ?? 0))) + 100;
  return channels.map((segments) => ({ total, segments }));
}

type Outcome = CommittedOutcome<JobOutcome>;

/** Folds one by one, as an aggregator that saves after every outcome. */
function runAll(outcomes: readonly Outcome[]): { record: TranscriptionRecord; events: TranscriptionEvent[] } {
  let record = accepted();
  const events: TranscriptionEvent[] = [];
  for (const outcome of outcomes) {
    const step = reduceOutcomes(record, [outcome]);
    events.push(...step.events);
    record = step.record;
  }
  return { record, events };
}

const told = (events: readonly TranscriptionEvent[], channel: number): (readonly [number, string])[] =>
  events.flatMap((event) =>
    event.type === 'segment' && event.channel === channel
      ? [[event.index, event.segments.map(({ text }) => text).join(' ')] as const]
      : [],
  );

function expectClosed({ received, transcribed, silence, suppressed, dropped }: AudioLedger): void {
  const sum = transcribed + silence + suppressed['no-speech'] + dropped.cancelled + dropped.failed;
  expect(sum).toBe(received);
  for (const part of [transcribed, silence, suppressed['no-speech'], dropped.cancelled, dropped.failed]) {
    expect(part).toBeGreaterThanOrEqual(0);
  }
}

function expectProgressNeverFalls(events: readonly TranscriptionEvent[]): void {
  let [done, total] = [0, 0];
  for (const event of events) {
    if (event.type !== 'progress') continue;
    expect(event.doneMs).toBeGreaterThanOrEqual(done);
    expect(event.totalMs ?? 0).toBeGreaterThanOrEqual(total);
    [done, total] = [event.doneMs, event.totalMs ?? 0];
    expect(done).toBeLessThanOrEqual(event.totalMs ?? done);
  }
}

const whole = (channels: readonly MadeChannel[]): Outcome[] => committed(outcomesOf(channels));

test('any order of outcomes, repeated as you like, tells the same segments, each once and in order', () => {
  fc.assert(
    fc.property(channelsArb, drawsArb, (shapes, draws) => {
      const channels = madeChannels(shapes);
      const outcomes = whole(channels);
      const order = [...outcomes, ...outcomes.filter((_, i) => (draws[i] ?? 0) % 3 === 0)]
        .map((outcome, i) => ({ outcome, key: draws[i] ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ outcome }, i) => ({ ...outcome, at: millis(i * 300) }));
      const { record, events } = runAll(order);
      expect(record.state).toBe('succeeded');
      expect(events.at(-1)?.type).toBe('succeeded');
      expect(events.filter(({ type }) => type === 'started').length).toBe(1);
      channels.forEach(({ segments }, channel) => {
        expect(told(events, channel)).toEqual(segments.map(({ text }, i) => [i, text]));
      });
      expectProgressNeverFalls(events);
      expect([record.doneMs, record.totalMs]).toEqual([(channels[0]?.total ?? 0) / 16, (channels[0]?.total ?? 0) / 16]);
      if (record.ledger === undefined) throw new Error('no ledger');
      expectClosed(record.ledger);
      expect(record.ledger.received).toBe(channels.reduce((sum, { total }) => sum + total, 0));
      expect(record.ledger.dropped).toEqual({ cancelled: 0, failed: 0 });
    }),
  );
});

test('outcomes taken together make what they make one by one', () => {
  fc.assert(
    fc.property(channelsArb, (shapes) => {
      const outcomes = whole(madeChannels(shapes));
      const { record, events } = reduceOutcomes(accepted(), outcomes);
      expect({ record, events }).toEqual(runAll(outcomes));
    }),
  );
});

test('a snapshot that is some events behind comes to the same end', () => {
  fc.assert(
    fc.property(channelsArb, fc.nat(), (shapes, where) => {
      const outcomes = whole(madeChannels(shapes)).reverse();
      const cut = where % (outcomes.length + 1);
      const before = runAll(outcomes.slice(0, cut));
      const step = reduceOutcomes(before.record, outcomes.slice(cut, cut + 1));
      // Its events were appended; the process died before the snapshot was saved, and takes the outcome again.
      const logged = step.events.map((event, i) => ({ seq: before.record.seq + 1 + i, at: millis(1), event }));
      const healed = foldEvents(before.record, logged);
      const again = reduceOutcomes(healed, outcomes.slice(cut));
      const events = [...before.events, ...step.events, ...again.events];
      const straight = runAll(outcomes);
      const segments = (all: readonly TranscriptionEvent[]) => all.filter(({ type }) => type === 'segment');
      expect(segments(events)).toEqual(segments(straight.events));
      expect(again.record.state).toBe('succeeded');
      expect(again.record.ledger).toEqual(straight.record.ledger);
    }),
  );
});

test('a failure ends it with a closed account, and nothing is told after that', () => {
  fc.assert(
    fc.property(channelsArb, fc.nat(), (shapes, where) => {
      const outcomes = outcomesOf(madeChannels(shapes)).reverse();
      const cut = where % outcomes.length;
      const order = committed([...outcomes.slice(0, cut), failedOutcome(), ...outcomes.slice(cut)]);
      const { record, events } = runAll(order);
      expect(events.at(-1)).toMatchObject({ type: 'failed', code: 'engine-crashed' });
      expect(record).toMatchObject({ state: 'failed', error: { code: 'engine-crashed' } });
      if (record.ledger === undefined) throw new Error('no ledger');
      expectClosed(record.ledger);
      expectProgressNeverFalls(events);
    }),
  );
});

test('a cancellation at any moment closes the account', () => {
  fc.assert(
    fc.property(channelsArb, fc.nat(), (shapes, where) => {
      const outcomes = whole(madeChannels(shapes)).reverse();
      const { record } = runAll(outcomes.slice(0, where % outcomes.length));
      if (isEnded(record)) return;
      const ledger = ledgerOf(record.work, 'cancelled');
      expectClosed(ledger);
      const event = { type: 'cancelled', ledger } as const;
      const cancelled = foldEvents(record, [{ seq: record.seq + 1, at: millis(9), event }]);
      expect(cancelled).toMatchObject({ state: 'cancelled', finishedAt: 9 });
      expect(reduceOutcomes(cancelled, outcomes)).toEqual({ record: cancelled, events: [] });
    }),
  );
});

test('a job that the broker gave up fails the transcription with its last reason', () => {
  const dead = (reason: string): Outcome => ({
    id: 1,
    jobId: 'job_1/segment/0/0',
    session: 'job_1',
    slot: segmentSlot(0, 0),
    revision: 1,
    attempt: 3,
    at: millis(5),
    outcome: { type: 'dead', reason, attempts: 3 },
  });
  expect(reduceOutcomes(accepted(), [dead('engine-timeout')]).record.error).toMatchObject({ code: 'engine-timeout' });
  expect(reduceOutcomes(accepted(), [dead('lease expired')]).record.error).toEqual({
    code: 'engine-crashed',
    message: 'a part of the recording was tried 3 times, and each time the try ended early',
  });
});

test('progress is told once a second, not with every segment', () => {
  const segments = Array.from({ length: 20 }, (_, i) => ({ start: i * 16_000, length: 16_000, text: `${i}` }));
  const [prepared, ...others] = outcomesOf([{ total: 320_000, segments }]);
  if (prepared === undefined) throw new Error('no outcome');
  const { events } = runAll(committed([prepared, ...others], 100));
  const progress = events.flatMap((event) => (event.type === 'progress' ? [event.doneMs] : []));
  // Told at 1,000 and 2,000 ms, when 9 and 19 segments were there, and at the end.
  expect(progress).toEqual([9000, 19_000, 20_000]);
});

test('silence has no segments and is done when it is decoded', () => {
  const { record, events } = runAll(whole([{ total: 16_000, segments: [] }]));
  expect(events.map(({ type }) => type)).toEqual(['started', 'progress', 'succeeded']);
  expect(record.ledger).toMatchObject({ received: samples(16_000), silence: 16_000, transcribed: 0 });
  expect(PREPARE_SLOT).toBe('prepare');
});
