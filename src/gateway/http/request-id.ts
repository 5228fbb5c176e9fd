import type { IncomingMessage } from 'node:http';

/** The id that a client gives its request, if it is one that can stand in a log. */
export function requestIdOf({ headers }: IncomingMessage): string | undefined {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : undefined;
}

/** The trace that a caller has begun (W3C Trace Context); anything else is passed over. */
export function traceOf({ headers }: IncomingMessage): { readonly traceId?: string } {
  const id = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-|$)/.exec(
    String(headers['traceparent'] ?? ''),
  )?.[1];
  return id === undefined || /^0+$/.test(id) ? {} : { traceId: id };
}
