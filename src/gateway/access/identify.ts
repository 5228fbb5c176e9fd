import type { IncomingMessage } from 'node:http';
import { ScriptoriumError } from '../../core/index.ts';
import { refuseForeignPages } from '../http/origin.ts';
import type { GatewayParts } from '../parts.ts';
import { NOBODY, type Caller } from './key-ring.ts';
import { presentedKey } from './presented-key.ts';

/**
 * Who calls, by the key that is presented; a server without keys knows nobody.
 *
 * @throws ScriptoriumError `key-invalid`, `origin-refused`.
 */
export function identify(
  { keys, settings }: Pick<GatewayParts, 'keys' | 'settings'>,
  request: Pick<IncomingMessage, 'headers'>,
): Caller {
  if (keys.size === 0) {
    if (!settings.allowOpen) refuseForeignPages(request, settings.cors);
    return NOBODY;
  }
  const key = presentedKey(request.headers);
  const caller = key === undefined ? undefined : keys.find(key);
  if (caller === undefined) {
    throw new ScriptoriumError(
      'key-invalid',
      key === undefined
        ? 'No API key was given: send Authorization: Bearer KEY.'
        : 'The API key is not one of this server.',
    );
  }
  return caller;
}
