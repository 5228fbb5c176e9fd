import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { HttpPost } from '../../aggregator/index.ts';
import { publicLookup, refuseForbiddenUrl } from '../../gateway/index.ts';

/**
 * Posts over HTTP or HTTPS. Every request has a connection of its own, whose address `lookup` has the last word on: a shared
 * one would be chosen by name, and the name may mean something else by now. Redirects are answers like others.
 *
 * @param allowPrivate whether addresses that are not public may be connected to.
 */
export function httpPost(lookup: LookupFunction, allowPrivate: boolean): HttpPost {
  const guarded = allowPrivate ? lookup : publicLookup(lookup);
  return (url, { headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const target = new URL(url);
      refuseForbiddenUrl(target, allowPrivate);
      const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
      const outgoing = send(target, {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        agent: false,
        lookup: guarded,
        signal,
      });
      outgoing.on('error', reject).on('response', (answer) => {
        // Only how it was taken is of interest; the rest is not even read.
        answer.destroy();
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] });
      });
      outgoing.end(body);
    });
}
