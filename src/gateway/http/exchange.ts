import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger, Millis } from '../../core/index.ts';
import type { Caller } from '../access/key-ring.ts';

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** What stands for `{name}` in the route's path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly caller: Caller;
  /** Carries the request's id. */
  readonly log: Logger;
  /** Aborts when the client goes away before the answer is complete. */
  readonly gone: AbortSignal;
  /** When it began, on the gateway's clock. */
  readonly since: Millis;
}

/** One method of one path. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `{name}` for one part, and `{name...}` for the rest. */
  readonly path: string;
  /** `open` ones need no key. */
  readonly access: 'open' | 'key';
  /** Which shape its failures have. */
  readonly errors: 'openai' | 'problem';
  handle(exchange: Exchange): Promise<void>;
}
