/** `POST /v1/realtime/client_secrets`: short-lived keys for pages. */
import { z } from 'zod';
import { refusalOf } from '../refusal.ts';
import { RealtimeSession, RealtimeSessionAsk } from './session.ts';

const DEFAULT_SECONDS = 600;

export const CreateClientSecret = z.object({
  expires_after: z
    .object({
      anchor: z.literal('created_at').default('created_at'),
      seconds: z.int().min(10).max(7200).default(DEFAULT_SECONDS),
    })
    .optional(),
  session: RealtimeSessionAsk.optional().describe('How sessions of this secret begin.'),
});

export const ClientSecret = z.object({
  value: z.string().describe('Sent as a key: `Authorization: Bearer`, or as a sub-protocol.'),
  expires_at: z.int().describe('Unix time in seconds.'),
  session: RealtimeSession,
});
export type ClientSecret = z.infer<typeof ClientSecret>;

export interface ClientSecretAsk {
  readonly seconds: number;
  readonly session: RealtimeSessionAsk;
}

/**
 * What the JSON body asks for.
 *
 * @throws ScriptoriumError `request-invalid` whose details name the `field` and the `rule`.
 */
export function parseClientSecret(body: Readonly<Record<string, unknown>>): ClientSecretAsk {
  const parsed = CreateClientSecret.safeParse(body);
  if (!parsed.success) throw refusalOf(parsed.error, body);
  const { expires_after: expiry, session } = parsed.data;
  return { seconds: expiry?.seconds ?? DEFAULT_SECONDS, session: session ?? {} };
}
