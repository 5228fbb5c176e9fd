import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { ScriptoriumError } from '../../core/index.ts';
import { hostOf, isLoopback } from '../access/same-machine.ts';

/** Seconds for which a browser remembers what it may send. */
const PREFLIGHT_SECONDS = 600;

/** The headers that let a page of this origin read the answer; none unless it is named. */
export function corsHeaders(request: IncomingMessage, allowed: readonly string[]): OutgoingHttpHeaders {
  const { origin } = request.headers;
  if (origin === undefined || !isNamed(origin, allowed)) return {};
  return {
    'access-control-allow-origin': origin,
    vary: 'origin',
    'access-control-expose-headers': 'x-request-id, retry-after, location, openai-processing-ms',
    ...(request.method === 'OPTIONS'
      ? {
          'access-control-allow-methods': 'GET, POST, DELETE',
          'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '',
          'access-control-max-age': String(PREFLIGHT_SECONDS),
        }
      : {}),
  };
}

/**
 * Where no key is asked for, a web page must not use the server behind its user's back: neither by a plain form (its origin
 * tells) nor by a name that was made to lead to this machine (the host tells).
 *
 * @throws ScriptoriumError `origin-refused`.
 */
export function refuseForeignPages(request: Pick<IncomingMessage, 'headers'>, allowed: readonly string[]): void {
  const { origin, host = '' } = request.headers;
  if (!isLoopback(hostOf(host))) throw refused(`Host ${host.slice(0, 100)} is not this machine.`);
  if (origin === undefined || isNamed(origin, allowed) || isLoopback(hostOf(origin))) return;
  throw refused(`Pages of ${origin.slice(0, 100)} may not use this server.`);
}

const isNamed = (origin: string, allowed: readonly string[]): boolean =>
  allowed.includes('*') || allowed.includes(origin);

const refused = (message: string): ScriptoriumError => new ScriptoriumError('origin-refused', message);
