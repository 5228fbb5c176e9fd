import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Millis } from '../../core/index.ts';
import { ERRORS, millis } from '../../core/index.ts';
import type { Context } from '../context.ts';
import { failureAnswer, tellable } from '../http/failure.ts';
import { newRequestId } from '../new-id.ts';
import { LiveWebSocket } from './live-web-socket.ts';
import { servedDialects } from './served-dialects.ts';
import type { ServedSocket } from './serve-socket.ts';
import { socketCaller } from './socket-caller.ts';

/** The WebSocket side of a gateway. */
export interface LiveServer {
  sockets(): number;
  /** Tells everybody to go elsewhere by then. */
  drain(deadline: Millis): void;
  /** Tells everybody that the broker does not answer, or does again. */
  degrade(active: boolean): void;
  /** Says good-bye to those who are left, and breaks off whoever does not answer it. */
  close(): Promise<void>;
}

/** Beyond so many times what one message may be, none of it is read. */
const HARD_LIMIT = 4;
/** A client that is there answers a close sooner. */
const GOOD_BYE = millis(1000);
/** Names in one header. */
const MAX_LISTED = 16;
/** As HTTP's 401 and 403. */
const CLOSE_UNKNOWN = 4401;
const CLOSE_FORBIDDEN = 4403;

/** Serves live sessions on the sockets that clients upgrade. */
export function createLiveServer(server: Server, context: Context): LiveServer {
  const { settings, telemetry } = context;
  const { sessions, secrets, metrics } = context.live;
  const { live } = settings;
  const served = new Map<ServedSocket, WebSocket>();
  const byPath = new Map(
    servedDialects(live).map((one) => [
      one.path,
      {
        ...one,
        sockets: new WebSocketServer({
          noServer: true,
          WebSocket: LiveWebSocket,
          maxPayload: one.frameBytes * HARD_LIMIT,
          perMessageDeflate: false,
          // Chosen by us below: the first that we speak, never one that carries a key.
          handleProtocols: (offered) => one.protocols.find((name) => offered.has(name)) ?? false,
        }),
      },
    ]),
  );

  function refuse(socket: Duplex, error: unknown, shape: 'openai' | 'problem', requestId: string): void {
    const told = tellable(error);
    const { status, type, body, headers } = failureAnswer(told, shape, requestId);
    const text = typeof body === 'string' ? body : '';
    const lines = Object.entries({
      ...headers,
      'content-type': type,
      'content-length': String(Buffer.byteLength(text)),
      'x-request-id': requestId,
      connection: 'close',
    }).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`);
    telemetry.log.info('socket refused', { requestId, code: told.code, status: ERRORS[told.code].httpStatus });
  }

  function turnAway(webSocket: WebSocket, error: unknown): void {
    const { code, message } = tellable(error);
    const closeCode = code === 'origin-refused' ? CLOSE_FORBIDDEN : CLOSE_UNKNOWN;
    metrics.closed(closeCode);
    // It may go on with what is no frame.
    webSocket.on('error', () => {});
    webSocket.send(JSON.stringify({ type: 'error', code, message, fatal: true }));
    webSocket.close(closeCode, code);
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const requestId = newRequestId(context.random);
    const log = telemetry.log.with({ requestId });
    socket.on('error', () => socket.destroy());
    const url = new URL(`http://host${request.url?.startsWith('/') === true ? request.url : '/-'}`);
    const found = byPath.get(url.pathname);
    if (found === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    }
    const protocols = listed(request.headers['sec-websocket-protocol']);
    try {
      const { caller, session } = await socketCaller(context, secrets, request, protocols);
      found.sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const parts = {
          ...context,
          sessions,
          metrics,
          log,
          dialect: found.dialect,
          caller,
          settings: live,
          frameBytes: found.frameBytes,
        };
        const query = url.searchParams;
        const betas = listed([request.headers['openai-beta'] ?? []].flat().join());
        const opening = {
          type: 'open',
          query,
          protocols,
          betas,
          ...(session === undefined ? {} : { session }),
        } as const;
        log.debug('socket opened', { path: url.pathname });
        const one = found.serve(webSocket, opening, parts);
        served.set(one, webSocket);
        void one.closed.finally(() => served.delete(one));
      });
    } catch (error) {
      // A page sees no status of a request that was refused before it was a WebSocket.
      if (found.tellsInside)
        found.sockets.handleUpgrade(request, socket, head, (webSocket) => turnAway(webSocket, error));
      else refuse(socket, error, found.errors, requestId);
    }
  }
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // It tells its failures to the client.
    void upgrade(request, socket, head);
  });

  return {
    sockets: () => served.size,
    drain(deadline) {
      for (const one of served.keys()) one.drain(deadline);
    },
    degrade(active) {
      for (const one of served.keys()) one.degrade(active);
    },
    async close() {
      const forget = context.clock.after(GOOD_BYE, () => {
        for (const one of served.keys()) one.terminate();
      });
      await Promise.all([...served.keys()].map((one) => one.leave()));
      forget();
      for (const { sockets } of byPath.values()) sockets.close();
    },
  };
}

/** What a header names. */
const listed = (header = ''): readonly string[] =>
  header
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .slice(0, MAX_LISTED);
