import { expect, test } from 'vitest';
import { heeding } from './heeding.ts';

const never = new Promise<never>(() => {});
const reason = new Error('enough');

test('gives what comes of the work', async () => {
  const signal = new AbortController().signal;
  expect(await heeding(signal, Promise.resolve(7))).toBe(7);
  expect(await heeding(undefined, Promise.resolve(7))).toBe(7);
  await expect(heeding(signal, Promise.reject(reason))).rejects.toBe(reason);
});

test('gives the reason of a signal that aborts first, or has long ago', async () => {
  const stop = new AbortController();
  const heard = heeding(stop.signal, never);
  stop.abort(reason);
  await expect(heard).rejects.toBe(reason);
  await expect(heeding(stop.signal, Promise.resolve(7))).rejects.toBe(reason);
});
