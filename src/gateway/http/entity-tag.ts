import type { IncomingMessage } from 'node:http';

/**
 * Whether a client has what `etag` stands for, by `If-None-Match` (RFC 9110, 13.1.2): `*`, or a list of tags. Caches and proxies
 * that change the coding of an answer make its tag a weak one (`W/"…"`), which is as good here. Of requests that change
 * something nothing is spared.
 */
export function knowsTag({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>, etag: string): boolean {
  const given = headers['if-none-match'];
  if (given === undefined || (method !== 'GET' && method !== 'HEAD')) return false;
  return given.trim() === '*' || [...given.matchAll(/"[^"]*"/g)].some(([tag]) => tag === etag);
}
