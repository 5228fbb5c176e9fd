import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A local HTTP server until the test ends. Requests are counted from 1 and noted with their `range` header. */
export async function fileServer(handler: Handler): Promise<{ readonly url: string; readonly requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.url ?? ''} ${request.headers.range ?? ''}`.trim());
    handler(request, response, requests.length);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${port}`, requests };
}

/** Answers as a proper file server does: whole, from a byte on, with an entity tag. */
export function serve(content: Uint8Array, etag = '"v1"'): Handler {
  return (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const same = (request.headers['if-range'] ?? etag) === etag;
    const start = same ? from : 0;
    response.writeHead(start > 0 ? 206 : 200, {
      etag,
      'content-type': 'application/octet-stream',
      'content-length': content.length - start,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
    });
    response.end(content.subarray(start));
  };
}

/** How a server breaks off: each answer stops in the middle, and ends once the client says that it has that much. */
export interface BreakingServer {
  readonly handler: Handler;
  /** To be told what the client has. */
  readonly received: (bytes: number) => void;
}

/** @param etag none when empty. */
export function breakingServer(content: Uint8Array, etag = '"v1"'): BreakingServer {
  let open: { readonly end: number; readonly response: ServerResponse } | undefined;
  return {
    handler: (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': content.length - from,
        ...(etag === '' ? {} : { etag }),
        ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
      });
      const end = from + Math.ceil((content.length - from) / 2);
      open = { end, response };
      response.write(content.subarray(from, end));
    },
    received: (bytes) => {
      if (open === undefined || bytes < open.end) return;
      open.response.destroy();
      open = undefined;
    },
  };
}
