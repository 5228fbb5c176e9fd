import { LIVE_CLIENT_MESSAGES } from '../live/client-messages.ts';
import { LIVE_CONTROLS, LIVE_EVENTS } from '../live/server-messages.ts';
import { REALTIME_CLIENT_EVENTS } from '../realtime/client-events.ts';
import { REALTIME_SERVER_EVENTS } from '../realtime/server-events.ts';
import { bytesMessage, jsonMessage, type AsyncMessage } from './message.ts';

/** A WebSocket that the server answers, and what goes over it; messages by their `type`. */
export interface AsyncChannel {
  readonly name: string;
  readonly address: string;
  readonly title: string;
  readonly description: string;
  /** Sub-protocols that are spoken. */
  readonly protocol: string;
  readonly fromClient: readonly AsyncMessage[];
  readonly fromServer: readonly AsyncMessage[];
}

/** Every WebSocket of the server. */
export const asyncChannels = (): readonly AsyncChannel[] => [
  {
    name: 'live',
    address: '/v1/live',
    title: 'stt.live.v1',
    description:
      'Words while people speak. Binary messages are audio; a session outlives its sockets, and its events are numbered without holes.',
    protocol: 'stt.live.v1',
    fromClient: [
      ...Object.entries(LIVE_CLIENT_MESSAGES).map(([name, schema]) => jsonMessage(name, schema, 'client')),
      bytesMessage('audio', 'The next bytes of the stream, of at most `max_frame_bytes`.'),
    ],
    fromServer: Object.entries({ ...LIVE_EVENTS, ...LIVE_CONTROLS }).map(([name, schema]) =>
      jsonMessage(name, schema, 'server'),
    ),
  },
  {
    name: 'realtime',
    address: '/v1/realtime',
    title: 'OpenAI Realtime transcription',
    description: 'As OpenAI’s clients speak it, in its GA names.',
    protocol: 'realtime',
    fromClient: Object.entries(REALTIME_CLIENT_EVENTS).map(([name, schema]) => jsonMessage(name, schema, 'client')),
    fromServer: REALTIME_SERVER_EVENTS.map((schema) => jsonMessage(schema.shape.type.value, schema, 'server')),
  },
];
