import type { Broker, Clock, Millis } from '../../core/index.ts';
import { ScriptoriumError } from '../../core/index.ts';
import { parseClientSecret, type RealtimeSessionAsk } from '../../protocol/index.ts';
import type { Caller, KeyRing } from '../access/key-ring.ts';
import { hashOf } from './token-hash.ts';

/** Whom a secret stands for, and how a session of it begins. */
export interface IssuedSecret {
  readonly caller: Caller;
  readonly session: RealtimeSessionAsk;
}

/** Short-lived keys for pages and apps that must not hold a real one (OpenAI's client secrets). Any gateway of a site takes them. */
export interface ClientSecrets {
  /** @throws ScriptoriumError `server-busy` when too many are out; `broker-*` and `storage-*` as the broker does. */
  issue(caller: Caller, session: RealtimeSessionAsk, lifetime: Millis): Promise<string>;
  /** @throws ScriptoriumError as the broker does. */
  find(secret: string): Promise<IssuedSecret | undefined>;
}

export interface SecretParts {
  readonly broker: Pick<Broker, 'live'>;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly keys: Pick<KeyRing, 'named'>;
}

/** As OpenAI's begin. */
export const SECRET_PREFIX = 'ek_';
const SECRET_BYTES = 24;
/** Of those that one gateway has given out. */
const MAX_SECRETS = 100_000;

/** Who finds what is kept learns no secret. */
const recordId = (secret: string): string => `secret_${hashOf(secret)}`;

export function createClientSecrets({ broker, clock, random, keys }: SecretParts): ClientSecrets {
  const { secrets } = broker.live;
  /** When those that were given out here are over. */
  const out = new Set<{ readonly until: number }>();

  function forgetOld(): void {
    for (const one of out) if (one.until <= clock.now()) out.delete(one);
  }

  return {
    async issue(caller, session, lifetime) {
      if (out.size >= MAX_SECRETS) forgetOld();
      if (out.size >= MAX_SECRETS) throw new ScriptoriumError('server-busy', 'too many client secrets are out');
      out.add({ until: clock.now() + lifetime });
      const secret = SECRET_PREFIX + Buffer.from(random(SECRET_BYTES)).toString('base64url');
      await secrets.create(recordId(secret), caller.tenant, { v: 1, session }, lifetime);
      return secret;
    },
    async find(secret) {
      const found = await secrets.read(recordId(secret));
      if (found === undefined) return undefined;
      const { session } = parseClientSecret({ session: found.record.session });
      return { caller: keys.named(found.tenant), session };
    },
  };
}
