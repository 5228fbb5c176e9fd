import type { IncomingMessage } from 'node:http';
import { identify } from '../access/identify.ts';
import type { Caller } from '../access/key-ring.ts';
import { presentedKey } from '../access/presented-key.ts';
import type { RealtimeSessionAsk } from '../../protocol/index.ts';
import type { GatewayParts } from '../parts.ts';
import { SECRET_PREFIX, type ClientSecrets } from './client-secrets.ts';

/** A browser can set no header on a WebSocket, so its key comes as a sub-protocol: ours, then OpenAI's. */
const KEY_PROTOCOLS = ['auth.', 'openai-insecure-api-key.'];

/** Who opens a WebSocket, and how the session is to begin, where its secret says so. */
export interface SocketCaller {
  readonly caller: Caller;
  readonly session?: RealtimeSessionAsk;
}

/**
 * Who opens a WebSocket, by a key in a header or a sub-protocol, or by a client secret in either.
 *
 * @throws ScriptoriumError `key-invalid`, `origin-refused`; as the broker does.
 */
export async function socketCaller(
  parts: Pick<GatewayParts, 'keys' | 'settings'>,
  secrets: ClientSecrets,
  { headers }: Pick<IncomingMessage, 'headers'>,
  protocols: readonly string[],
): Promise<SocketCaller> {
  const offered = protocols.flatMap((name) =>
    KEY_PROTOCOLS.filter((prefix) => name.startsWith(prefix)).map((prefix) => name.slice(prefix.length)),
  );
  const key = presentedKey(headers) ?? offered[0];
  const bySecret = key?.startsWith(SECRET_PREFIX) === true ? await secrets.find(key) : undefined;
  if (bySecret !== undefined) return bySecret;
  const presented = key === undefined ? headers : { ...headers, authorization: `Bearer ${key}` };
  return { caller: identify(parts, { headers: presented }) };
}
