import { expect, test } from 'vitest';
import { samples } from '../../core/index.ts';
import { handClock } from '../../core/testing/hand-clock.ts';
import { createLimiter } from '../access/limiter.ts';
import { liveQuota } from './live-quota.ts';

const caller = { tenant: 'a', limits: { audioSecondsPerHour: 20, jobsAtOnce: 1 } };
const session = (seconds: number) => ({
  received: () => ({ bytes: 0, safe: 0, samples: samples(seconds * 16_000) }),
});

test('a session counts once, and its sound as it comes in', () => {
  const limiter = createLimiter(handClock(), {});
  const one = liveQuota(caller, limiter);
  one.begin();
  expect(() => liveQuota(caller, limiter).begin()).toThrow('transcriptions at once');
  for (let second = 1; second <= 20; second++) {
    one.refuseSpent();
    one.count(session(second));
  }
  one.refuseSpent();
  one.count(session(21));
  expect(() => one.refuseSpent()).toThrow('20 audio seconds an hour');
});

test('one that comes back counts what is new, and as a transcription as long as a socket has it', () => {
  const limiter = createLimiter(handClock(), {});
  const one = liveQuota(caller, limiter);
  one.goOn(session(100));
  one.count(session(110));
  one.refuseSpent();
  one.release();
  one.release();
  liveQuota(caller, limiter).begin();
  one.count(session(121));
  expect(() => one.refuseSpent()).toThrow('20 audio seconds an hour');
});
