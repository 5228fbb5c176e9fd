import { expect, test } from 'vitest';
import { idempotencyKey, preferredWait } from './idempotency-key.ts';

test('takes a key with quotes and without', () => {
  expect(idempotencyKey('"8e03978e-40d5-43dd"')).toBe('8e03978e-40d5-43dd');
  expect(idempotencyKey(' 8e03978e-40d5-43dd ')).toBe('8e03978e-40d5-43dd');
  expect(idempotencyKey('"a \\"b\\" \\\\"')).toBe('a "b" \\');
});

test('refuses an empty, an endless and an unprintable key', () => {
  for (const bad of ['', '""', 'x'.repeat(256), 'é', '"\u0007"'])
    expect(() => idempotencyKey(bad)).toThrow(/Idempotency-Key/);
});

test('reads how long a client prefers to wait', () => {
  expect(preferredWait('wait=30')).toBe(30);
  expect(preferredWait('respond-async, wait="5"')).toBe(5);
  for (const other of [undefined, '', 'respond-async', 'wait=', 'wait=-1', 'nowait=3']) {
    expect(preferredWait(other)).toBeUndefined();
  }
});
