import type { Millis } from '../core/index.ts';

/** Crockford's base 32: no letter that is taken for another. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_DIGITS = 10;
const RANDOM_BYTES = 16;

/** Gives so many bytes that nobody can guess. */
type Random = (bytes: number) => Uint8Array;

/**
 * A new id: the kind, then 26 characters that sort by time, as ULIDs do (10 of the time in milliseconds, 16 of 80 random bits).
 *
 * @param at since the Unix epoch.
 */
export const newId = (kind: string, at: Millis, random: Random): string =>
  `${kind}_${timeDigits(at)}${digits(random(RANDOM_BYTES))}`;

/** An id for one request. */
export const newRequestId = (random: Random): string => `req_${digits(random(RANDOM_BYTES))}`;

function timeDigits(at: number): string {
  let left = Math.max(0, Math.floor(at));
  let text = '';
  for (let place = 0; place < TIME_DIGITS; place++) {
    text = (DIGITS[left % 32] ?? '0') + text;
    left = Math.floor(left / 32);
  }
  return text;
}

/** Five bits of each byte. */
const digits = (bytes: Uint8Array): string => Array.from(bytes, (byte) => DIGITS[byte & 31]).join('');
