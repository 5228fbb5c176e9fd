import { millis, type Millis } from '../../core/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Between two attempts: the schedule that Standard Webhooks 1.0 suggests. */
export const WAITS_MS = [5000, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR] as const;
/** A wait is up to a fifth longer, so that many that failed together don't come back together. */
const JITTER = 0.2;
/** A receiver may ask for more time, up to a day. */
const MAX_RETRY_AFTER_MS = 24 * HOUR;

/**
 * How long to wait after the failed attempt number `attempt` (1 at first).
 *
 * @param chance uniform in [0, 1).
 * @param asked what the receiver asked for, if it did.
 */
export function waitAfter(attempt: number, chance: number, asked: Millis | undefined): Millis {
  const wait = WAITS_MS[Math.min(attempt, WAITS_MS.length) - 1] ?? 0;
  return millis(Math.max(wait * (1 + JITTER * chance), Math.min(asked ?? 0, MAX_RETRY_AFTER_MS)));
}

/** A `Retry-After` of RFC 9110, section 10.2.3: seconds or a date. Undefined when it is neither, or in the past. */
export function retryAfter(value: string | undefined, now: Date): Millis | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return wait > 0 ? millis(wait) : undefined;
}
