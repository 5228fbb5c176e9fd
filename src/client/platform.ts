/** What the client touches of the world: every clock, socket and draw comes from here, so that tests can make their own. */

/** A WebSocket class as browsers have it; `ws` has the same shape. */
export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;

/** Of any of its events, what is read. */
export interface SocketEvent {
  readonly type?: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}

export interface WebSocketLike {
  binaryType: string;
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: SocketEvent) => void): void;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** A socket that was asked for; `send` before `opened` is not allowed. */
export interface Socket {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Says good-bye; nothing is heard of it any more. */
  close(): void;
}

export interface SocketHandlers {
  opened(): void;
  heard(text: string): void;
  /** Once. 1006 is a connection that broke or was never made; a refusal over HTTP has the close code that says the same. */
  closed(code: number, reason: string): void;
}

export type OpenSocket = (url: string, key: string | undefined, handlers: SocketHandlers) => Socket;

export interface Timers {
  /** Milliseconds, monotonic, from any start. */
  now(): number;
  /** @returns what forgets it. */
  after(ms: number, call: () => void): () => void;
}

export interface Platform {
  readonly openSocket: OpenSocket;
  readonly fetch: typeof fetch;
  readonly timers: Timers;
  /** In [0, 1). */
  readonly random: () => number;
}

/** What may be given in place of the platform's own. */
export interface PlatformOptions {
  readonly fetch?: typeof fetch;
  readonly WebSocket?: WebSocketClass;
  readonly timers?: Timers;
  readonly random?: () => number;
}

/** The clock of the machine. */
export const MACHINE_TIMERS: Timers = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** @param openSocket where no WebSocket class is given. */
export function platformOf(options: PlatformOptions, openSocket: OpenSocket): Platform {
  return {
    openSocket: options.WebSocket === undefined ? openSocket : socketsOf(options.WebSocket),
    // Browsers' fetch insists on being called without a receiver.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timers: options.timers ?? MACHINE_TIMERS,
    random: options.random ?? Math.random,
  };
}

/** The sub-protocol, and in front of a key: a browser can set no header on a WebSocket. */
export const SUBPROTOCOL = 'stt.live.v1';
export const KEY_PROTOCOL = 'auth.';

/** Sockets of a class; the key goes as a sub-protocol. */
export const socketsOf =
  (WebSocket: WebSocketClass): OpenSocket =>
  (url, key, handlers) => {
    const socket = new WebSocket(url, key === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, KEY_PROTOCOL + key]);
    return listen(socket, handlers);
  };

/** Ties handlers to a socket; once closed by us, it is silent. */
export function listen(socket: WebSocketLike, handlers: SocketHandlers): Socket {
  let isOver = false;
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => {
    if (!isOver) handlers.opened();
  });
  socket.addEventListener('message', ({ data }) => {
    if (!isOver && typeof data === 'string') handlers.heard(data);
  });
  // What follows is a close, which tells more.
  socket.addEventListener('error', () => {});
  socket.addEventListener('close', ({ code = 1006, reason = '' }) => {
    if (isOver) return;
    isOver = true;
    handlers.closed(code, reason);
  });
  return {
    send: (data) => socket.send(data),
    close() {
      isOver = true;
      socket.close();
    },
  };
}
