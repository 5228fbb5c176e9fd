import type { IncomingMessage, ServerResponse } from 'node:http';
import { ScriptoriumError } from '../../core/index.ts';
import { setRateHeaders } from '../access/admit.ts';
import { identify } from '../access/identify.ts';
import { NOBODY } from '../access/key-ring.ts';
import type { Limiter } from '../access/limiter.ts';
import { newRequestId } from '../new-id.ts';
import type { GatewayParts } from '../parts.ts';
import { sendAnswer } from './answer.ts';
import type { Exchange, Route } from './exchange.ts';
import { failureAnswer, tellable } from './failure.ts';
import { corsHeaders } from './origin.ts';
import { requestIdOf, traceOf } from './request-id.ts';
import { requestMetrics } from './request-metrics.ts';
import type { Match, Router } from './router.ts';

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * What happens with every request, whatever its path: an id, a route, a key, the handler, an answer in the right shape when
 * that fails, a line in the log and a metric. Never throws.
 */
export function createListener(
  parts: Pick<GatewayParts, 'clock' | 'keys' | 'random' | 'settings' | 'telemetry'>,
  router: Router,
  limiter: Limiter,
): Listener {
  const { clock, settings } = parts;
  const measure = requestMetrics(parts.telemetry);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const since = clock.now();
    const requestId = requestIdOf(request) ?? newRequestId(parts.random);
    const log = parts.telemetry.log.with({ requestId, ...traceOf(request) });
    const url = new URL(`http://host${pathOf(request.url)}`);
    const match = router(request.method ?? '', url.pathname);
    const known = match.status === 'found' ? match.route : undefined;
    const shape = known?.errors ?? (match.status === 'method' ? match.errors : shapeOf(url.pathname));
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort(new ScriptoriumError('cancelled', 'The client went away.'));
    });
    response.on('error', () => {});
    for (const [name, value] of Object.entries({
      'x-request-id': requestId,
      ...SAFE,
      ...corsHeaders(request, settings.cors),
    })) {
      if (value !== undefined) response.setHeader(name, value);
    }
    try {
      if (request.method === 'OPTIONS' && match.status !== 'unknown') {
        await sendAnswer(
          { request, response },
          { status: 204, type: '', body: '', headers: { allow: methodsOf(match) } },
          clock,
        );
        return;
      }
      const route = foundRoute(match, url.pathname, response);
      const caller = route.access === 'open' ? NOBODY : identify(parts, request);
      const rate = route.access === 'open' ? undefined : limiter.state(caller);
      setRateHeaders(response, rate);
      const { params } = match.status === 'found' ? match : { params: {} };
      const exchange: Exchange = { request, response, url, params, requestId, caller, log, gone: gone.signal, since };
      await route.handle(exchange);
    } catch (error) {
      await fail(error, shape, { request, response, requestId, log });
    } finally {
      const seconds = (clock.now() - since) / 1000;
      const route = known?.path ?? 'other';
      const status = gone.signal.aborted && !response.writableFinished ? 499 : response.statusCode;
      measure(route, request.method ?? '', status, seconds);
      const facts = { method: request.method, route, status, seconds };
      // Probes come every second and say nothing.
      if (known?.access === 'open') log.debug('request', facts);
      else log.info('request', facts);
    }
  }

  async function fail(
    thrown: unknown,
    shape: Route['errors'],
    { request, response, requestId, log }: Pick<Exchange, 'request' | 'response' | 'requestId' | 'log'>,
  ): Promise<void> {
    const error = tellable(thrown);
    if (error.code === 'server-failed') log.error('request failed', { reason: stackOf(thrown) });
    if (response.headersSent || response.destroyed) {
      // Half an answer must not look like a whole one.
      response.destroy();
      return;
    }
    try {
      await sendAnswer({ request, response }, failureAnswer(error, shape, requestId), clock);
    } catch {
      response.destroy();
    }
  }

  return (request, response) => void serve(request, response);
}

const SAFE = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };

function foundRoute(match: Match, path: string, response: ServerResponse): Route {
  if (match.status === 'found') return match.route;
  if (match.status === 'unknown') {
    throw new ScriptoriumError('route-unknown', `There is nothing at ${path.slice(0, 200)}.`);
  }
  response.setHeader('allow', methodsOf(match));
  throw new ScriptoriumError('method-unknown', `This path takes ${methodsOf(match)}.`);
}

const methodsOf = (match: Match): string => {
  if (match.status === 'unknown') return '';
  return (match.status === 'found' ? [match.route.method] : match.allowed).join(', ');
};

/** A request's target as a path: absolute forms and garbage lead nowhere. */
const pathOf = (target: string | undefined): string => (target?.startsWith('/') === true ? target : '/-');

/** Paths that other makers' clients use get the errors that those read. */
const shapeOf = (path: string): Route['errors'] =>
  /^\/(v1\/(audio|models|realtime)|openai)(\/|$)/.test(path) ? 'openai' : 'problem';

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
