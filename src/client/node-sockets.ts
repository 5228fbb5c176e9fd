import { WebSocket } from 'ws';
import { listen, SUBPROTOCOL, type OpenSocket } from './platform.ts';

/** A refusal over HTTP as the close code that says the same. */
const CLOSE_OF_STATUS: ReadonlyMap<number, number> = new Map([
  [401, 4401],
  [403, 4403],
  [429, 4429],
  [503, 4503],
]);
const BROKEN = 1006;

/** Sockets of `ws`: the key goes in a header, and a refusal has its reason. */
export const nodeSockets: OpenSocket = (url, key, handlers) => {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const socket = new WebSocket(url, [SUBPROTOCOL], { headers, perMessageDeflate: false });
  let refused: number | undefined;
  socket.on('unexpected-response', (request, { statusCode = 0 }) => {
    refused = statusCode;
    request.destroy();
    socket.terminate();
  });
  return listen(socket, {
    ...handlers,
    closed: (code, reason) =>
      handlers.closed(
        refused === undefined ? code : (CLOSE_OF_STATUS.get(refused) ?? BROKEN),
        refused === undefined ? reason : `HTTP ${String(refused)}`,
      ),
  });
};
