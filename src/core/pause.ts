import type { Clock } from './clock.ts';
import type { Millis } from './units.ts';

/** Resolves after `delay`; rejects with the reason of `signal` when that aborts first. */
export function pause(clock: Clock, delay: Millis, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = (): void => {
      forget();
      reject(signal.reason);
    };
    const forget = clock.after(delay, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
