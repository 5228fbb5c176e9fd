import { once } from 'node:events';
import type { Clock, Millis } from '../../core/index.ts';
import type { Exchange } from './exchange.ts';

export interface ServerEvent {
  readonly id?: number;
  readonly event?: string;
  readonly data: unknown;
}

/** Server-sent events (WHATWG HTML, section 9.2) to one client. */
export interface EventStream {
  /** Waits while the client doesn't read. */
  send(event: ServerEvent): Promise<void>;
  end(): void;
}

/** Begins the answer. While there is nothing to tell, a comment each `beat` keeps the connection alive. */
export function openEventStream(
  { response, gone }: Exchange,
  { clock, beat }: { readonly clock: Clock; readonly beat: Millis },
): EventStream {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  let forget = (): void => {};
  const ping = (): void => {
    if (!gone.aborted && !response.writableNeedDrain) response.write(': ping\n\n');
    forget = clock.after(beat, ping);
  };
  forget = clock.after(beat, ping);
  gone.addEventListener('abort', () => forget(), { once: true });

  return {
    async send({ id, event, data }) {
      gone.throwIfAborted();
      const head = (id === undefined ? '' : `id: ${String(id)}\n`) + (event === undefined ? '' : `event: ${event}\n`);
      // JSON has no line feed outside its texts, and none inside that is not escaped.
      if (!response.write(`${head}data: ${JSON.stringify(data)}\n\n`)) await once(response, 'drain', { signal: gone });
    },
    end() {
      forget();
      response.end();
    },
  };
}
