import type { Clock, Millis } from '../../core/index.ts';
import { ScriptoriumError } from '../../core/index.ts';
import type { Caller } from '../access/key-ring.ts';

/** Short-lived keys for pages and apps that must not hold a real one (OpenAI's client secrets). */
export interface ClientSecrets {
  /** @throws ScriptoriumError `server-busy` when too many are out. */
  issue(caller: Caller, lifetime: Millis): string;
  find(secret: string): Caller | undefined;
}

/** As OpenAI's begin. */
export const SECRET_PREFIX = 'ek_';
const SECRET_BYTES = 24;
const MAX_SECRETS = 100_000;

/** They end with the process that gave them. */
export function createClientSecrets(clock: Clock, random: (bytes: number) => Uint8Array): ClientSecrets {
  const issued = new Map<string, { readonly caller: Caller; readonly until: number }>();

  function forgetOld(): void {
    for (const [secret, { until }] of issued) if (until <= clock.now()) issued.delete(secret);
  }
  return {
    issue(caller, lifetime) {
      if (issued.size >= MAX_SECRETS) forgetOld();
      if (issued.size >= MAX_SECRETS) throw new ScriptoriumError('server-busy', 'too many client secrets are out');
      const secret = SECRET_PREFIX + Buffer.from(random(SECRET_BYTES)).toString('base64url');
      issued.set(secret, { caller, until: clock.now() + lifetime });
      return secret;
    },
    find(secret) {
      const found = issued.get(secret);
      return found === undefined || found.until <= clock.now() ? undefined : found.caller;
    },
  };
}
