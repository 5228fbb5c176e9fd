import { expect, test } from 'vitest';
import type { ErrorCode, JobOutcome } from '../core/index.ts';
import { ScriptoriumError, millis } from '../core/index.ts';
import { handClock } from '../core/testing/hand-clock.ts';
import { NotNow, holdLease } from './leased-job.ts';
import { leaseOf, silent, tellingBroker } from './testing/made-lease.ts';

const outcome: JobOutcome = { type: 'prepared', channels: [] };

function hold(
  work: (signal: AbortSignal) => Promise<JobOutcome>,
  { attempt = 1, telling = tellingBroker(), stop = new AbortController() } = {},
) {
  const clock = handClock();
  const parts = { broker: telling.broker, clock, log: silent, extendEvery: millis(1000), stop: stop.signal };
  return { clock, telling, stop, end: holdLease(leaseOf(attempt), work, parts) };
}

/** Work that only ends when it is told to stop. */
const endless = (signal: AbortSignal): Promise<JobOutcome> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason);
    });
  });

const failing = (code: ErrorCode) => (): Promise<JobOutcome> => Promise.reject(new ScriptoriumError(code, 'as told'));

test('commits what the work comes to', async () => {
  const { end, telling, clock } = hold(() => Promise.resolve(outcome));
  expect(await end).toBe('committed');
  expect(telling.settled).toEqual([{ how: 'commit', outcome }]);
  expect(clock.timers()).toBe(0);
});

test('gives signs of life for as long as it works, and none after', async () => {
  let finish = (_outcome: JobOutcome): void => {};
  const working = new Promise<JobOutcome>((resolve) => (finish = resolve));
  const { end, telling, clock } = hold(() => working);
  await clock.pass(3500);
  expect(telling.extensions()).toBe(3);
  finish(outcome);
  expect(await end).toBe('committed');
  await clock.pass(5000);
  expect(telling.extensions()).toBe(3);
});

test('a job that died with its engine is given back at once', async () => {
  const { end, telling } = hold(failing('engine-crashed'), { attempt: 2 });
  expect(await end).toBe('retried');
  expect(telling.settled).toEqual([{ how: 'nack', options: { delay: 0, reason: 'engine-crashed' } }]);
});

test('the third death is the outcome', async () => {
  const { end, telling } = hold(failing('engine-crashed'), { attempt: 3 });
  expect(await end).toBe('failed');
  expect(telling.settled).toEqual([
    { how: 'commit', outcome: { type: 'failed', code: 'engine-crashed', message: 'as told' } },
  ]);
});

test('what no retry helps is the outcome at once; a full disk is tried again after a while', async () => {
  expect(await hold(failing('engine-failed')).end).toBe('failed');
  const full = hold(failing('storage-full'), { attempt: 2 });
  expect(await full.end).toBe('retried');
  expect(full.telling.settled).toEqual([{ how: 'nack', options: { delay: 2000, reason: 'storage-full' } }]);
});

test('work that nobody wants any more is stopped and acked without an outcome', async () => {
  for (const answer of ['cancelled', 'superseded'] as const) {
    const { end, telling, clock } = hold(endless, { telling: tellingBroker(['ok', answer]) });
    await clock.pass(2000);
    expect(await end).toBe('abandoned');
    expect(telling.settled).toEqual([{ how: 'ack' }]);
  }
});

test('a lost lease is let go of without a word', async () => {
  const { end, telling, clock } = hold(endless, { telling: tellingBroker(['lost']) });
  await clock.pass(1000);
  expect(await end).toBe('lost');
  expect(telling.settled).toEqual([]);
  expect(await hold(failing('broker-closed')).end).toBe('lost');
});

test('a worker that stops gives its jobs back, and the attempt does not count', async () => {
  const { end, telling, stop } = hold(endless);
  stop.abort();
  expect(await end).toBe('returned');
  expect(telling.settled).toEqual([{ how: 'nack', options: { countAttempt: false } }]);
});

test('a job without room now is given back for later, and the attempt does not count', async () => {
  const { end, telling } = hold(() => Promise.reject(new NotNow(millis(5000))));
  expect(await end).toBe('returned');
  expect(telling.settled).toEqual([{ how: 'nack', options: { countAttempt: false, delay: 5000 } }]);
});

test('a job whose blobs or sound are out of reach waits for them, and the attempt does not count', async () => {
  for (const code of ['storage-unreachable', 'broker-unreachable', 'broker-full'] as const) {
    const { end, telling } = hold(failing(code), { attempt: 3 });
    expect(await end).toBe('returned');
    expect(telling.settled).toEqual([{ how: 'nack', options: { countAttempt: false, delay: 2000 } }]);
  }
});

test('says when another was first', async () => {
  expect(await hold(() => Promise.resolve(outcome), { telling: tellingBroker([], 'stale') }).end).toBe('lost');
  expect(await hold(() => Promise.resolve(outcome), { telling: tellingBroker([], 'duplicate') }).end).toBe('duplicate');
});
