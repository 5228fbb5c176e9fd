/** Sockets of `stt.live.v1` without a network, on a clock that is set by hand, in which nobody ever speaks. */
import { EventEmitter } from 'node:events';
import { z } from 'zod';
import { openLiveDecoder } from '../../../audio/index.ts';
import { DEFAULT_DECODE_OPTIONS } from '../../../core/index.ts';
import { handClock, type HandClock } from '../../../core/testing/hand-clock.ts';
import { madeBroker } from '../../testing/made-broker.ts';
import { madeTelemetry } from '../../testing/made-gateway.ts';
import { createLiveSessions } from '../create-live-sessions.ts';
import { createLimiter } from '../../access/limiter.ts';
import { liveDialect } from '../dialects/live-dialect.ts';
import { liveLoad } from '../live-load.ts';
import { liveMetrics } from '../live-metrics.ts';
import type { LiveSessions } from '../live-sessions.ts';
import { DEFAULT_LIVE_SETTINGS } from '../live-settings.ts';
import { serveSocket } from '../serve-socket.ts';

const MODEL = { id: 'tiny.en', created: DEFAULT_LIVE_SETTINGS.idle, languages: ['en'], translates: false };
/** What is waited for before a request is taken, and what follows from that. */
const SOON_MS = 20;

export interface MadeSocket {
  /** What it was told, in order. */
  readonly told: readonly Readonly<Record<string, unknown>>[];
  /** With which codes it was closed. */
  readonly closed: readonly number[];
  /** Sound, or a message; resolves when the server has done what it does at once. */
  say(said: Uint8Array | object): Promise<void>;
}

export interface MadeSockets {
  readonly clock: HandClock;
  readonly sessions: LiveSessions;
  readonly open: () => MadeSocket;
}

export function madeSockets(): MadeSockets {
  const clock = handClock();
  const telemetry = madeTelemetry([]);
  const load = liveLoad();
  const metrics = liveMetrics(telemetry.meter, load);
  const broker = madeBroker(async () => {});
  const settings = DEFAULT_LIVE_SETTINGS;
  const sessions = createLiveSessions({
    broker,
    clock,
    telemetry,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    settings,
    metrics,
    liveLoad: load,
    load: () => 'normal',
    openDecoder: openLiveDecoder,
    openEar: async () => ({
      push: async () => [],
      settled() {},
      cut: async () => [],
      gap: async () => [],
      update() {},
      open: () => undefined,
    }),
  });
  const parts = {
    broker,
    clock,
    log: telemetry.log,
    models: { default: MODEL.id, list: async () => [MODEL], find: async () => MODEL },
    decode: DEFAULT_DECODE_OPTIONS,
    sessions,
    settings,
    metrics,
    limiter: createLimiter(clock, {}),
    caller: { tenant: 'somebody', limits: {} },
    dialect: 'live',
    frameBytes: settings.frameBytes,
  } as const;

  function open(): MadeSocket {
    const told: Readonly<Record<string, unknown>>[] = [];
    const closed: number[] = [];
    const wire = new EventEmitter();
    const close = (code: number): void => {
      if (closed.length > 0) return;
      closed.push(code);
      wire.emit('close');
    };
    serveSocket(
      {
        bufferedAmount: 0,
        send: (text) => void told.push(z.looseObject({}).parse(JSON.parse(text))),
        close,
        terminate: () => close(1006),
        ping: () => void wire.emit('pong'),
        pause() {},
        resume() {},
        on: (event: string, heard: Parameters<EventEmitter['on']>[1]) => void wire.on(event, heard),
      },
      liveDialect,
      { type: 'open', query: new URLSearchParams(), protocols: [], betas: [] },
      parts,
    );
    return {
      told,
      closed,
      async say(said) {
        const isBinary = said instanceof Uint8Array;
        wire.emit('message', isBinary ? said : Buffer.from(JSON.stringify(said)), isBinary);
        await clock.pass(SOON_MS);
      },
    };
  }
  return { clock, sessions, open };
}
