/**
 * client: what programs speak to a server with, as `scriptorium/client`: live sessions that survive broken connections, watching, and
 * jobs. It needs nothing but sockets and fetch: of other rooms it may read types only. `browser.ts` is the same without Node.js.
 */
import { clientOf, type Client, type ClientOptions } from './create-client.ts';
import { nodeSockets } from './node-sockets.ts';

export * from './exports.ts';

/** A client for Node.js: live sockets are those of `ws` unless a WebSocket class is given. */
export const createClient = (options: ClientOptions): Client => clientOf(options, nodeSockets);
