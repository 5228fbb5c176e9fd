import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { cancelTranscription, ScriptoriumError, type Millis } from '../core/index.ts';
import { createDoor } from './access/admission.ts';
import { createLimiter } from './access/limiter.ts';
import { shareLimits } from './access/share-limits.ts';
import { isLoopback } from './access/same-machine.ts';
import type { Context } from './context.ts';
import { createRouter } from './http/router.ts';
import { AskedRequest } from './http/asked-request.ts';
import { answerBrokenRequest } from './http/broken-request.ts';
import { createListener, type Listener } from './http/serve-request.ts';
import type { GatewayParts } from './parts.ts';
import { createLiveEntry } from './live/live-entry.ts';
import { createLiveServer } from './live/live-server.ts';
import { queueMetrics } from './queue-metrics.ts';
import { allRoutes } from './routes/routes.ts';
import type { GatewaySettings } from './settings.ts';
import { watchBroker } from './watch-broker.ts';
import { shareWork } from './work/shared-work.ts';
import { takeUp } from './work/take-up.ts';

/** A gateway that listens. */
export interface Gateway {
  /** Where it can be asked, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Takes no new work and says so; what is under way goes on. */
  drain(): void;
  /**
   * Stops listening, waits for answers under way until `deadline` aborts, then breaks them off.
   *
   * @param within when that is, for clients.
   */
  close(deadline: AbortSignal, within: Millis): Promise<void>;
}

const MAX_HEAD_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
/** Longer than proxies keep an idle connection, so that it is they who close it. */
const KEEP_ALIVE_MS = 75_000;
/** How often connections are looked at for those that are too slow. */
const CHECK_MS = 1000;

/**
 * Listens for HTTP.
 *
 * @throws ScriptoriumError `keys-missing` when it would be open to other machines without a key; what listening throws.
 */
export async function startGateway(parts: GatewayParts): Promise<Gateway> {
  const { settings, keys, broker, clock, telemetry } = parts;
  if (keys.size === 0 && !settings.allowOpen && !isLoopback(settings.host)) {
    throw new ScriptoriumError(
      'keys-missing',
      `${settings.host} can be reached from other machines, and no API key is set.`,
    );
  }
  const limiter = createLimiter(clock, settings.limits);
  const door = createDoor({ broker, limiter, uploadsAtOnce: settings.uploadsAtOnce });
  const shared = shareWork({
    clock,
    abandoned: settings.abandoned,
    async end(id) {
      await cancelTranscription(broker, id);
      await broker.forget(id);
    },
  });
  const closing = new AbortController();
  const live = createLiveEntry(parts);
  const context: Context = { ...parts, door, limiter, shared, live, closing: closing.signal };
  queueMetrics(context);
  if (!parts.isShared) await takeUp(context);
  const listener = createListener(parts, createRouter(allRoutes(context)), limiter);
  const server = openServer(settings, listener);
  const liveServer = createLiveServer(server, context);
  const stopSharing = parts.isShared ? shareLimits(limiter, parts) : () => {};
  const stopWatching = watchBroker(parts, (active) => liveServer.degrade(active));
  const sockets = new Set<Socket>();
  /** On which nothing was asked yet, as browsers open them in advance. */
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on(settings.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  for (const event of ['request', 'upgrade', 'checkContinue', 'checkExpectation']) {
    server.on(event, ({ socket }: IncomingMessage) => unused.delete(socket));
  }
  server.on('request', (_request, response: ServerResponse) => {
    // One that was kept alive for a next request would keep the server from closing.
    response.once('close', () => {
      if (door.isClosed && !server.listening) setImmediate(() => server.closeIdleConnections());
    });
  });
  const { port, url } = await listen(server, settings);
  telemetry.log.info('listening', { url });
  return {
    url,
    port,
    drain() {
      door.close();
      live.sessions.drain();
    },
    async close(deadline, within) {
      door.close();
      stopWatching();
      stopSharing();
      // Those who only look on come back and go on behind what they have seen.
      closing.abort();
      live.sessions.drain();
      liveServer.drain(within);
      live.sweep.stop();
      await Promise.race([live.sessions.endFinal(), abortOf(deadline)]);
      // Before anybody is sent away: they come back at once, and to another.
      const closed = once(server, 'close');
      server.close();
      // To another gateway or to the next start here, which takes over what was stored: nothing more may come here then.
      await liveServer.close();
      await live.sessions.letGo();
      server.closeIdleConnections();
      for (const socket of unused) socket.destroy();
      const breakOff = (): void => {
        for (const socket of sockets) socket.destroy();
      };
      if (deadline.aborted) breakOff();
      else deadline.addEventListener('abort', breakOff, { once: true });
      await closed;
      deadline.removeEventListener('abort', breakOff);
      await shared.close();
    },
  };
}

/** Resolves when a signal aborts. */
const abortOf = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

function openServer(settings: GatewaySettings, listener: Listener): Server {
  const options = {
    IncomingMessage: AskedRequest,
    maxHeaderSize: MAX_HEAD_BYTES,
    connectionsCheckingInterval: CHECK_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server =
    settings.tls === undefined
      ? createHttpServer(options)
      : createHttpsServer({ ...options, ...settings.tls, minVersion: 'TLSv1.2' });
  server.headersTimeout = settings.headTotal;
  server.requestTimeout = settings.uploadTotal;
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = settings.connections;
  server.on('request', listener);
  // Whether to read the body is decided before the client is told to send it.
  server.on('checkContinue', listener);
  server.on('checkExpectation', listener);
  server.on('clientError', answerBrokenRequest);
  return server;
}

async function listen(server: Server, { host, port, tls }: GatewaySettings): Promise<{ port: number; url: string }> {
  server.listen({ host, port });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { port: address.port, url: `${tls === undefined ? 'http' : 'https'}://${name}:${String(address.port)}` };
}
