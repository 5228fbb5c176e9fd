import type { IncomingHttpHeaders } from 'node:http';

/** Longer ones are no keys of ours; they are not even hashed. */
const MAX_KEY_CHARACTERS = 512;

/**
 * The key that a client presents, wherever its kind of client puts it: `Authorization: Bearer K` (OpenAI), `Token K` or bare, or
 * `api-key` (Azure) and `x-api-key`.
 */
export function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const given = headers.authorization ?? headers['api-key'] ?? headers['x-api-key'];
  if (typeof given !== 'string' || given.length > MAX_KEY_CHARACTERS) return undefined;
  const key = given.trim().replace(/^(bearer|token)\s+/i, '');
  return key === '' ? undefined : key;
}
