/** Every bound of a pull. */
import { millis, type Millis } from '../core/index.ts';

/** From asking to the first byte of the answer. */
export const RESPONSE_TIMEOUT: Millis = millis(30_000);
/** Between two pieces of the body. */
export const STALL_TIMEOUT: Millis = millis(60_000);
/** Tries in a row that brought no byte. */
export const MAX_FRUITLESS_TRIES = 5;
/** Tries of one file, however much each brings. */
export const MAX_TRIES = 200;
/** Wait before the second try; doubled for each fruitless one. */
export const FIRST_BACKOFF: Millis = millis(1000);
export const LONGEST_BACKOFF: Millis = millis(16_000);
/** A server may ask for more patience than this, but does not get it. */
export const LONGEST_RETRY_AFTER: Millis = millis(20_000);
/** For files whose size nobody has published: four times the largest known. */
export const MAX_UNKNOWN_BYTES = 16 * 1024 ** 3;
