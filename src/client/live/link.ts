import { ClientError } from '../errors.ts';
import type { Platform, Socket } from '../platform.ts';
import { retryDelay } from './backoff.ts';
import { CLOSE, FINAL_CLOSES, readMessage, type ErrorEvent, type ServerMessage, type UnknownMessage } from './wire.ts';

/** How long anything may take; all in milliseconds. */
export interface LinkTimes {
  /** From asking for a connection until the session is on it. */
  readonly connect: number;
  /** Without a connection, until a broken session is given up. */
  readonly reconnect: number;
  /** Between two pings; a connection that is silent for `silence` is dead. */
  readonly ping: number;
  readonly silence: number;
}

export const LINK_TIMES: LinkTimes = { connect: 10_000, reconnect: 120_000, ping: 15_000, silence: 40_000 };

/** Connections in a row that break soon and bring nothing, until a session is given up though there is a server. */
const MAX_VAIN = 20;
/** A connection that stood for so long was a good one, whether or not anything was said on it. */
const STEADY_MS = 5000;

/** Why a connection is tried again. */
export interface Break {
  readonly attempt: number;
  readonly delay: number;
  readonly code: string;
  readonly message: string;
}

export interface LinkHandlers {
  /** The first message on every new socket: start, resume or watch. */
  hello(): object;
  /** Everything that is heard, `started` and `resumed` first. */
  heard(message: ServerMessage | UnknownMessage): void;
  /** The socket is gone; another will be tried. */
  broken(why: Break): void;
  /** The server does not know the session. @returns whether to begin again at once: `hello` says how. */
  unknown(): boolean;
  /** No socket will be tried any more; without an error the server said good-bye. */
  over(error: ClientError | undefined): void;
}

/**
 * A connection to one session that is made again when it breaks.
 *
 * ```
 *              ┌──────── after a delay, or at once when the server said "go elsewhere" ────────┐
 *              ▼                                                                               │
 * open ─▶ connecting ── `started` or `resumed` ──▶ up ── the socket breaks, is silent, closes ─▶ waiting
 *              │ │ the same, or no answer in `connect` ────────────────────────────────────────▲ │
 *              │ │                                                                               │
 *              │ └─ 4404: `unknown()` says whether to start anew                                 │
 *              ▼                                                                                 ▼
 *            over: close(), 1000 after the end, a close code that names an error, no connection for `reconnect`,
 *                  `MAX_VAIN` of them that brought nothing
 * ```
 *
 * A first connection that can't be made at all is not tried again: the address is wrong, or nothing runs there.
 */
export interface Link {
  isUp(): boolean;
  /** Only while it is up. */
  send(message: object | Uint8Array<ArrayBuffer>): void;
  /** Something was achieved: the next break is tried again as the first. */
  progress(): void;
  /** Breaks the socket off and connects again, as if it had broken. */
  again(code: string, message: string): void;
  /** The last word was heard: the close that follows ends it. */
  finish(): void;
  close(): void;
}

interface LinkOptions {
  readonly url: string;
  readonly key: string | undefined;
  readonly times: LinkTimes;
}

export function openLink({ url, key, times }: LinkOptions, platform: Platform, handlers: LinkHandlers): Link {
  const { timers, random } = platform;
  let socket: Socket | undefined;
  let wasUp = false;
  let isUp = false;
  let isFinished = false;
  let isOver = false;
  let attempt = 0;
  let vain = 0;
  let upAt = 0;
  let brokenAt: number | undefined;
  let heardAt = 0;
  let told: ErrorEvent | undefined;
  let forget: () => void = () => {};

  function connect(): void {
    told = undefined;
    let isThis = true;
    const mine = (call: () => void): void => {
      if (isThis && !isOver) call();
    };
    let opened: Socket;
    try {
      opened = platform.openSocket(url, key, {
        opened: () => mine(() => opened.send(JSON.stringify(handlers.hello()))),
        heard: (text) => mine(() => hear(text)),
        closed: (code, reason) =>
          mine(() => {
            socket = undefined;
            forget();
            closed(code, reason);
          }),
      });
    } catch (cause) {
      over(new ClientError('request-invalid', 'no WebSocket can be made of this address and key', { cause }));
      return;
    }
    socket = {
      send: (data) => opened.send(data),
      close() {
        isThis = false;
        opened.close();
      },
    };
    forget = timers.after(times.connect, () => again('server-unreachable', 'the server did not answer in time'));
  }

  function hear(text: string): void {
    heardAt = timers.now();
    const message = readMessage(text);
    if (message === undefined) {
      again('protocol-violated', 'what the server said was not understood');
      return;
    }
    if (message.type === 'error' && message.fatal !== false) told = message;
    if (!isUp && (message.type === 'started' || message.type === 'resumed')) {
      isUp = true;
      wasUp = true;
      upAt = timers.now();
      brokenAt = undefined;
      vain++;
      forget();
      beat();
    }
    handlers.heard(message);
  }

  function beat(): void {
    forget = timers.after(times.ping, () => {
      if (timers.now() - heardAt >= times.silence) {
        again('server-unreachable', 'nothing was heard of the server');
        return;
      }
      socket?.send(JSON.stringify({ type: 'ping', id: Math.round(timers.now()) }));
      beat();
    });
  }

  function progress(): void {
    attempt = 0;
    vain = 0;
  }

  function down(): void {
    if (isUp && timers.now() - upAt >= STEADY_MS) progress();
    isUp = false;
  }

  function closed(code: number, reason: string): void {
    down();
    const final = FINAL_CLOSES.get(code);
    if (isFinished) over(undefined);
    else if (final !== undefined) over(new ClientError(told?.code ?? final.code, told?.message ?? final.message));
    else if (code === CLOSE.unknownSession) {
      // Waited for as for a broken connection, so that a server that knows no session at all is not asked without a pause.
      if (wasUp && handlers.unknown()) wait({ code: 'session-unknown', message: 'the server lost the session' }, true);
      else over(new ClientError('session-unknown', told?.message ?? 'the server does not know the session'));
    } else {
      const isAway =
        !wasUp && ![CLOSE.goingAway, CLOSE.quota, CLOSE.overloaded, 1012, 1013].some((one) => one === code);
      const why = told ?? wordsOf(code, reason);
      if (isAway) over(new ClientError(why.code, why.message, { retryable: true }));
      else wait(why, code === CLOSE.goingAway);
    }
  }

  function wait(why: Pick<ErrorEvent, 'code' | 'message' | 'retry_after_ms'>, isAtOnce: boolean): void {
    brokenAt ??= timers.now();
    const delay = Math.max(why.retry_after_ms ?? 0, isAtOnce && attempt === 0 ? 0 : retryDelay(attempt, random));
    if (vain >= MAX_VAIN || timers.now() + delay - brokenAt > times.reconnect) {
      const seconds = Math.round(times.reconnect / 1000);
      const what =
        vain >= MAX_VAIN ? `${String(vain)} connections broke at once` : `no connection for ${String(seconds)} s`;
      const message = `${what}: ${why.message}`;
      over(new ClientError(wasUp ? 'reconnect-timeout' : why.code, message, { retryable: true }));
      return;
    }
    attempt++;
    forget = timers.after(delay, connect);
    handlers.broken({ attempt, delay, code: why.code, message: why.message });
  }

  function again(code: string, message: string): void {
    if (isOver || socket === undefined) return;
    forget();
    socket.close();
    socket = undefined;
    const isFirst = !wasUp;
    down();
    if (isFirst) over(new ClientError(code, message));
    else wait({ code, message }, false);
  }

  function over(error: ClientError | undefined): void {
    if (isOver) return;
    isOver = true;
    isUp = false;
    forget();
    socket?.close();
    handlers.over(error);
  }

  connect();
  return {
    isUp: () => isUp,
    send(message) {
      if (isUp) socket?.send(message instanceof Uint8Array ? message : JSON.stringify(message));
    },
    progress,
    again,
    finish() {
      isFinished = true;
      // A server that has said everything and does not close is left.
      forget();
      forget = timers.after(times.connect, () => over(undefined));
    },
    close: () => over(undefined),
  };
}

const wordsOf = (code: number, reason: string): Pick<ErrorEvent, 'code' | 'message'> => {
  if (code === CLOSE.quota) return { code: 'rate-limited', message: 'the key has used up what it may' };
  if (code === CLOSE.overloaded) return { code: 'server-busy', message: 'the server takes no more sessions now' };
  if (code === CLOSE.goingAway) return { code: 'server-unreachable', message: 'the server is stopping' };
  const why = reason === '' ? '' : `: ${reason}`;
  return { code: 'server-unreachable', message: `the connection closed with ${String(code)}${why}` };
};
