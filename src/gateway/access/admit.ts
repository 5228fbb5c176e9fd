import type { ServerResponse } from 'node:http';
import type { JobClass } from '../../core/index.ts';
import type { Context } from '../context.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Entry } from './admission.ts';
import type { RateState } from './limiter.ts';

/** Lets an upload in through the door, and tells its client what is left to it. @throws as `Door.enter`. */
export function admit({ door, limiter }: Context, { caller, response }: Exchange, jobClass: JobClass): Entry {
  const entry = door.enter(caller, jobClass);
  setRateHeaders(response, limiter.state(caller));
  return entry;
}

/** What is left of a limit of requests, as OpenAI's clients read it. */
export function setRateHeaders(response: ServerResponse, rate: RateState | undefined): void {
  if (rate === undefined) return;
  response.setHeader('x-ratelimit-limit-requests', String(rate.limit));
  response.setHeader('x-ratelimit-remaining-requests', String(rate.remaining));
  response.setHeader('x-ratelimit-reset-requests', `${rate.reset.toFixed(3)}s`);
}
