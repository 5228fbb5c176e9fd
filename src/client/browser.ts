/** The client for browsers: the page's own WebSocket and fetch, and the microphone. */
import { clientOf, type Client, type ClientOptions } from './create-client.ts';
import { socketsOf, type WebSocketClass } from './platform.ts';

export * from './exports.ts';
export { microphone, type Microphone, type MicrophoneOptions } from './microphone/microphone.ts';

/** A client for browsers. */
export const createClient = (options: ClientOptions): Client =>
  clientOf(options, (url, key, handlers) => socketsOf(ownWebSocket())(url, key, handlers));

function ownWebSocket(): WebSocketClass {
  const found: unknown = Reflect.get(globalThis, 'WebSocket');
  if (isWebSocketClass(found)) return found;
  throw new TypeError('there is no WebSocket here: give a class to createClient');
}

const isWebSocketClass = (value: unknown): value is WebSocketClass => typeof value === 'function';
