import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Check } from '../../gateway/index.ts';

/** What a process without an API tells of itself. */
export interface Health {
  readonly checks: () => readonly Check[];
  /** In Prometheus's text format. */
  readonly metrics: () => Promise<string>;
}

/** Idle connections are closed after so long. */
const KEEP_ALIVE_MS = 75_000;
const TEXT = 'text/plain; charset=utf-8';
const METRICS = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Listens for `/livez`, `/readyz` (also `/healthz`) and `/metrics`, as a gateway has them too.
 *
 * @throws what listening throws.
 */
export async function startHealthServer(
  { host, port }: { readonly host: string; readonly port: number },
  { checks, metrics }: Health,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    response.on('error', () => {});
    void answer(request.url?.split('?')[0] ?? '/', response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;

  async function answer(path: string, response: ServerResponse): Promise<void> {
    const say = (status: number, body: string, type = TEXT): void => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    if (path === '/livez') say(200, 'ok\n');
    else if (path === '/readyz' || path === '/healthz') {
      const failed = checks().filter(({ ok }) => !ok);
      const lines = failed.map(({ name, note }) => `[-]${name} ${note ?? ''}`.trim());
      say(failed.length === 0 ? 200 : 503, failed.length === 0 ? 'ok\n' : `${lines.join('\n')}\nnot ready\n`);
    } else if (path === '/metrics') say(200, await metrics(), METRICS);
    else say(404, 'Here are /livez, /readyz, /healthz and /metrics.\n');
  }

  server.listen({ host, port });
  await once(server, 'listening');
  return { url: urlOf(server), close: () => close(server) };
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${name}:${address.port}`;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
