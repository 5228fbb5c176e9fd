import { createHmac } from 'node:crypto';
import { ScriptoriumError } from '../../core/index.ts';

/** Standard Webhooks 1.0, "Signature scheme": how secrets are written, and how long they may be. */
const SECRET_PREFIX = 'whsec_';
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;

/** The bytes of a secret. @throws ScriptoriumError `usage-invalid`; the message holds nothing of it. */
export function secretBytes(secret: string): Uint8Array {
  const bytes = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  const isWhole =
    bytes.toString('base64').replaceAll('=', '') === secret.slice(SECRET_PREFIX.length).replaceAll('=', '');
  if (
    !secret.startsWith(SECRET_PREFIX) ||
    !isWhole ||
    bytes.length < MIN_SECRET_BYTES ||
    bytes.length > MAX_SECRET_BYTES
  ) {
    throw new ScriptoriumError(
      'usage-invalid',
      `a webhook secret is ${SECRET_PREFIX} and ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes in base64`,
    );
  }
  return bytes;
}

export interface SignedMessage {
  readonly id: string;
  /** Seconds since the Unix epoch, of this attempt. */
  readonly timestamp: number;
  readonly body: string;
}

/**
 * The headers of Standard Webhooks 1.0 for one attempt: one signature a secret, so that receivers can change theirs while
 * both are in use.
 */
export function webhookHeaders(
  { id, timestamp, body }: SignedMessage,
  secrets: readonly Uint8Array[],
): Readonly<Record<string, string>> {
  const text = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map((secret) => `v1,${createHmac('sha256', secret).update(text).digest('base64')}`);
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
