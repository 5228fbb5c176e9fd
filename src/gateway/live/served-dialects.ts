import type { LiveRequest } from '../../core/index.ts';
import type { Dialect, DialectInput } from './dialect.ts';
import { liveDialect } from './dialects/live-dialect.ts';
import { realtimeDialect } from './dialects/realtime-dialect.ts';
import type { LiveSettings } from './live-settings.ts';
import { serveSocket, type ServedSocket, type ServeSocketParts } from './serve-socket.ts';
import type { LiveSocket } from './socket.ts';

/** A dialect and where it is spoken. */
export interface ServedDialect {
  readonly path: string;
  readonly dialect: LiveRequest['dialect'];
  /** Sub-protocols that are spoken, best first. */
  readonly protocols: readonly string[];
  /** Of one message. */
  readonly frameBytes: number;
  /** In which shape a request is refused before it is a WebSocket. */
  readonly errors: 'openai' | 'problem';
  /** Whether a client without a good key is told on the WebSocket, or before there is one. */
  readonly tellsInside: boolean;
  serve(socket: LiveSocket, opening: Extract<DialectInput, { type: 'open' }>, parts: ServeSocketParts): ServedSocket;
}

const serving =
  <State>(dialect: Dialect<State>): ServedDialect['serve'] =>
  (socket, opening, parts) =>
    serveSocket(socket, dialect, opening, parts);

/** Every dialect that a gateway speaks. */
export const servedDialects = ({ frameBytes, realtimeFrameBytes }: LiveSettings): readonly ServedDialect[] => [
  {
    path: '/v1/live',
    dialect: 'live',
    protocols: ['stt.live.v1'],
    frameBytes,
    errors: 'problem',
    tellsInside: true,
    serve: serving(liveDialect),
  },
  {
    path: '/v1/realtime',
    dialect: 'realtime',
    protocols: ['realtime'],
    frameBytes: realtimeFrameBytes,
    errors: 'openai',
    tellsInside: false,
    serve: serving(realtimeDialect),
  },
];
