import type { Clock, LiveEvent, LoggedEvent, Logger, Millis } from '../../core/index.ts';
import { ScriptoriumError, asScriptoriumError, millis, pause } from '../../core/index.ts';
import { tellable } from '../http/failure.ts';
import { liveConnection, type LiveConnection } from './connection.ts';
import type { ConnectionParts } from './connection.ts';
import type { Dialect, DialectInput } from './dialect.ts';
import type { LiveSettings } from './live-settings.ts';
import type { LiveMetrics } from './live-metrics.ts';
import type { LiveSocket } from './socket.ts';

export interface ServeSocketParts extends ConnectionParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: LiveSettings;
  readonly metrics: LiveMetrics;
  /** Of one message. */
  readonly frameBytes: number;
}

/** A socket that is being served. */
export interface ServedSocket {
  /** Tells the client to go elsewhere by then. */
  drain(deadline: Millis): void;
  /** Tells the client that the broker does not answer, or does again. */
  degrade(active: boolean): void;
  /** Closes it, for the server stops. Resolves as `closed` does. */
  leave(): Promise<void>;
  /** Breaks it off. */
  terminate(): void;
  /** Resolves when it is closed and has let go of its session. */
  readonly closed: Promise<void>;
}

/** Messages of a client that wait for their turn; beyond it nothing more is read from its connection. */
const MAX_WAITING_BYTES = 2 ** 20;
const LOOK_AGAIN = millis(20);
/** Signs of life that may stay unanswered. */
const MISSING_PONGS = 2;

/**
 * Drives one WebSocket: what comes in is put to the dialect, what the dialect says is done. A client's messages take effect one
 * after the other; events of its session go out meanwhile.
 */
export function serveSocket<State>(
  socket: LiveSocket,
  dialect: Dialect<State>,
  opening: Extract<DialectInput, { type: 'open' }>,
  parts: ServeSocketParts,
): ServedSocket {
  const { clock, settings, metrics, log } = parts;
  const gone = new AbortController();
  let state = dialect.initial;
  let isClosing = false;
  let waitingBytes = 0;
  let isPaused = false;
  let turn: Promise<void> = Promise.resolve();
  let pongs = 0;
  let heardAt = clock.now();

  const connection: LiveConnection = liveConnection(parts, {
    tell: (input) => feed(input),
    give,
    gone: gone.signal,
  });

  function close(code: number, reason: string): void {
    if (isClosing) return;
    isClosing = true;
    metrics.closed(code);
    socket.close(code, reason);
    // One that does not answer the close is broken off.
    clock.after(settings.outboundTime, () => socket.terminate());
  }

  async function feed(input: DialectInput): Promise<void> {
    const step = dialect.step(state, input);
    state = step.state;
    for (const output of step.outputs) {
      if (isClosing) return;
      if (output.type === 'send') socket.send(JSON.stringify(output.message));
      else if (output.type === 'close') close(output.code, output.reason);
      else await connection.run(output.command);
    }
  }

  /** Events go out as fast as the client reads; one that is far behind has to come back. */
  async function give({ seq, event }: LoggedEvent<LiveEvent>): Promise<void> {
    await feed({ type: 'event', seq, event });
    const since = clock.now();
    while (socket.bufferedAmount > settings.outboundBytes && !gone.signal.aborted) {
      const isHopeless = socket.bufferedAmount > settings.outboundMost || clock.now() - since > settings.outboundTime;
      if (isHopeless) {
        await feed({
          type: 'failed',
          error: new ScriptoriumError('reader-too-slow', 'what was sent is not read'),
        });
        return;
      }
      await pause(clock, LOOK_AGAIN, gone.signal).catch(() => undefined);
    }
  }

  function take(input: DialectInput, bytes: number): void {
    waitingBytes += bytes;
    if (waitingBytes > MAX_WAITING_BYTES && !isPaused) {
      isPaused = true;
      metrics.stalled();
      socket.pause();
    }
    turn = turn
      .then(() => takeNow(input))
      .finally(() => {
        waitingBytes -= bytes;
        if (!isPaused || waitingBytes > MAX_WAITING_BYTES / 2) return;
        isPaused = false;
        socket.resume();
      });
  }

  async function takeNow(input: DialectInput): Promise<void> {
    if (gone.signal.aborted || isClosing) return;
    try {
      await feed(input);
    } catch (error) {
      log.error('a live connection failed', { reason: asScriptoriumError(error, 'server-failed').message });
      await feed({ type: 'failed', error: tellable(error) }).catch(() => socket.terminate());
    }
  }

  function refuseFrame(what: string): void {
    const message = `a message ${what}; ${parts.frameBytes} bytes are taken`;
    take({ type: 'failed', error: new ScriptoriumError('frame-too-large', message) }, 0);
  }

  socket.on('message', (data, isBinary) => {
    heardAt = clock.now();
    if (data.length > parts.frameBytes) {
      refuseFrame(`of ${data.length} bytes`);
      return;
    }
    const input: DialectInput = isBinary
      ? { type: 'binary', bytes: data }
      : { type: 'text', text: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8') };
    take(input, data.length);
  });
  socket.on('oversized', () => refuseFrame('that is far too large'));
  socket.on('pong', () => {
    pongs = 0;
  });
  // A broken connection is closed, and a message that breaks the protocol has its close code from the library.
  socket.on('error', () => {});

  let forgetBeat = (): void => {};
  function beat(): void {
    forgetBeat = clock.after(settings.beat, () => {
      if (pongs >= MISSING_PONGS) {
        socket.terminate();
        return;
      }
      pongs++;
      socket.ping();
      beat();
    });
  }
  let forgetIdle = (): void => {};
  function watchIdle(delay: Millis): void {
    forgetIdle = clock.after(delay, () => {
      const left = heardAt + settings.idle - clock.now();
      if (connection.watches() || left > 0) {
        watchIdle(left > 0 ? millis(left) : settings.idle);
        return;
      }
      const seconds = Math.round(settings.idle / 1000);
      connection.endSoon('idle');
      take({ type: 'failed', error: new ScriptoriumError('session-idle', `nothing came for ${seconds} s`) }, 0);
    });
  }

  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      isClosing = true;
      gone.abort();
      forgetBeat();
      forgetIdle();
      void connection.leave().then(resolve, resolve);
    });
  });
  beat();
  watchIdle(settings.idle);
  take(opening, 0);
  return {
    drain: (deadline) => take({ type: 'draining', deadline }, 0),
    // Not in turn: the client's messages wait for the broker, and this is why.
    degrade: (active) => void feed({ type: 'degraded', active }).catch(() => undefined),
    async leave() {
      // Not in turn: nothing more is taken in.
      const error = new ScriptoriumError('server-draining', 'The server is stopping; go on at another.');
      await feed({ type: 'failed', error }).catch(() => socket.terminate());
      await closed;
    },
    terminate: () => socket.terminate(),
    closed,
  };
}
