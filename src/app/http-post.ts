import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { HttpPost } from '../aggregator/index.ts';
import { ScriptoriumError } from '../core/index.ts';

/**
 * Posts over HTTP or HTTPS. Every request has a connection of its own, whose address `lookup` has the last word on: a shared
 * one would be chosen by name, and the name may mean something else by now. Redirects are answers like others.
 *
 * @param lookup asked for every host, literal addresses among them; fails for those that must not be connected to.
 */
export function httpPost(lookup: LookupFunction): HttpPost {
  return (url, { headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const target = new URL(url);
      if (target.protocol !== 'http:' && target.protocol !== 'https:') {
        reject(new ScriptoriumError('usage-invalid', `${target.protocol} is neither http nor https`));
        return;
      }
      const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
      const outgoing = send(target, {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        agent: false,
        lookup,
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
