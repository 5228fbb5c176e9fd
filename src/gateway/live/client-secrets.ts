import type { Clock, Millis } from '../../core/index.ts';
import { ScriptoriumError } from '../../core/index.ts';
import type { RealtimeSessionAsk } from '../../protocol/index.ts';
import type { Caller } from '../access/key-ring.ts';

/** Whom a secret stands for, and how a session of it begins. */
export interface IssuedSecret {
  readonly caller: Caller;
  readonly session: RealtimeSessionAsk;
}

/** Short-lived keys for pages and apps that must not hold a real one (OpenAI's client secrets). */
export interface ClientSecrets {
  /** @throws ScriptoriumError `server-busy` when too many are out. */
  issue(caller: Caller, session: RealtimeSessionAsk, lifetime: Millis): string;
  find(secret: string): IssuedSecret | undefined;
}

/** As OpenAI's begin. */
export const SECRET_PREFIX = 'ek_';
const SECRET_BYTES = 24;
const MAX_SECRETS = 100_000;

/** They end with the process that gave them. */
export function createClientSecrets(clock: Clock, random: (bytes: number) => Uint8Array): ClientSecrets {
  const issued = new Map<string, IssuedSecret & { readonly until: number }>();

  function forgetOld(): void {
    for (const [secret, { until }] of issued) if (until <= clock.now()) issued.delete(secret);
  }
  return {
    issue(caller, session, lifetime) {
      if (issued.size >= MAX_SECRETS) forgetOld();
      if (issued.size >= MAX_SECRETS) throw new ScriptoriumError('server-busy', 'too many client secrets are out');
      const secret = SECRET_PREFIX + Buffer.from(random(SECRET_BYTES)).toString('base64url');
      issued.set(secret, { caller, session, until: clock.now() + lifetime });
      return secret;
    },
    find(secret) {
      const found = issued.get(secret);
      return found === undefined || found.until <= clock.now() ? undefined : found;
    },
  };
}
