import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { WEBHOOK_ATTEMPTS, millis } from '../../core/index.ts';
import { WAITS_MS, retryAfter, waitAfter } from './schedule.ts';
import { secretBytes, webhookHeaders } from './sign.ts';

const DAY = 86_400_000;

test('signs as the example of the specification', () => {
  // From the test vectors that the libraries of Standard Webhooks share.
  const secret = secretBytes('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' };
  expect(webhookHeaders(message, [secret])).toEqual({
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('signs once for each secret while they change', () => {
  const secrets = [new Uint8Array(24).fill(1), new Uint8Array(24).fill(2)];
  const message = { id: 'msg', timestamp: 1, body: '{}' };
  const both = webhookHeaders(message, secrets)['webhook-signature']?.split(' ') ?? [];
  const single = secrets.map((secret) => webhookHeaders(message, [secret])['webhook-signature']);
  expect(both).toEqual(single);
  expect(new Set(both).size).toBe(2);
});

test('takes secrets of 24 to 64 bytes and no others, and repeats none in its message', () => {
  const written = (length: number): string => `whsec_${Buffer.alloc(length, 7).toString('base64')}`;
  for (const length of [24, 32, 64]) expect(secretBytes(written(length)).length).toBe(length);
  for (const wrong of [
    written(23),
    written(65),
    written(24).slice(6),
    'whsec_',
    'whsec_not base64 at all, surely not!',
  ]) {
    expect(() => secretBytes(wrong)).toThrow(/^a webhook secret is whsec_ and 24 to 64 bytes in base64$/);
  }
});

test('waits longer after every attempt, a fifth more at most, and has a wait for all but the last', () => {
  expect(WAITS_MS.length).toBe(WEBHOOK_ATTEMPTS - 1);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
      const wait = waitAfter(attempt, chance, undefined);
      const least = WAITS_MS[attempt - 1] ?? NaN;
      expect(wait).toBeGreaterThanOrEqual(least);
      expect(wait).toBeLessThanOrEqual(least * 1.2);
    }),
  );
});

test('gives a receiver the time it asks for, up to a day, and never less than planned', () => {
  expect(waitAfter(1, 0, millis(60_000))).toBe(60_000);
  expect(waitAfter(1, 0, millis(10))).toBe(5000);
  expect(waitAfter(1, 0, millis(10 * DAY))).toBe(DAY);
});

test('reads Retry-After as seconds or as a date, and nothing else', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  expect(retryAfter('120', now)).toBe(120_000);
  expect(retryAfter('Sun, 22 Nov 2026 12:00:30 GMT', now)).toBe(30_000);
  for (const other of [undefined, '', 'soon', '-5', '0', 'Sun, 22 Nov 2026 11:00:00 GMT']) {
    expect(retryAfter(other, now)).toBeUndefined();
  }
});
