import { asyncChannels, type AsyncChannel } from './channels.ts';
import type { AsyncMessage } from './message.ts';

interface Ref {
  readonly $ref: string;
}

interface Operation {
  readonly action: 'send' | 'receive';
  readonly channel: Ref;
  readonly summary: string;
  readonly messages: readonly Ref[];
}

export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly defaultContentType: 'application/json';
  readonly channels: Readonly<
    Record<
      string,
      {
        readonly address: string;
        readonly title: string;
        readonly description: string;
        readonly messages: Readonly<Record<string, AsyncMessage>>;
        readonly bindings: { readonly ws: object };
      }
    >
  >;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, object>> };
}

/** The WebSocket APIs as an AsyncAPI 3 document; its schemas are those that check the messages. */
export function asyncApiDocument(version: string): AsyncApiDocument {
  const channels = asyncChannels();
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Scriptorium, live',
      version,
      description: 'Speech to text while it is spoken, over WebSocket. The HTTP API is in /openapi.json.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(channels.map((channel) => [channel.name, channelOf(channel)])),
    operations: Object.fromEntries(channels.flatMap(operationsOf)),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        subprotocol: {
          type: 'httpApiKey',
          in: 'header',
          name: 'Sec-WebSocket-Protocol',
          description: 'For pages: `auth.KEY` beside `stt.live.v1`, `openai-insecure-api-key.KEY` beside `realtime`.',
        },
      },
    },
  };
}

/** Both sides have an `error` or an `ack` of their own. */
const keyOf = (from: 'client' | 'server', { name }: AsyncMessage): string => `${from}.${name}`;

const channelOf = ({ address, title, description, protocol, fromClient, fromServer }: AsyncChannel) => ({
  address,
  title,
  description,
  messages: Object.fromEntries([
    ...fromClient.map((message) => [keyOf('client', message), message] as const),
    ...fromServer.map((message) => [keyOf('server', message), message] as const),
  ]),
  bindings: {
    ws: {
      method: 'GET',
      headers: {
        type: 'object',
        properties: {
          'Sec-WebSocket-Protocol': {
            type: 'string',
            description: `${protocol}, and a key where no header can be set`,
          },
        },
      },
    },
  },
});

function operationsOf({ name, title, fromClient, fromServer }: AsyncChannel): readonly [string, Operation][] {
  const channel = { $ref: `#/channels/${name}` };
  const refs = (from: 'client' | 'server', messages: readonly AsyncMessage[]): readonly Ref[] =>
    messages.map((message) => ({ $ref: `#/channels/${name}/messages/${keyOf(from, message)}` }));
  return [
    [
      `${name}-hear`,
      { action: 'receive', channel, summary: `What a client of ${title} says.`, messages: refs('client', fromClient) },
    ],
    [
      `${name}-tell`,
      { action: 'send', channel, summary: `What the server says.`, messages: refs('server', fromServer) },
    ],
  ];
}
