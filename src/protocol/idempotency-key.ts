import { refusal } from './refusal.ts';

const MAX_CHARACTERS = 255;

/**
 * The key of an `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header-07): a structured-field string in quotes;
 * taken without them too, as most clients send it.
 *
 * @throws ScriptoriumError `request-invalid` when it is empty, too long, or not printable ASCII.
 */
export function idempotencyKey(header: string): string {
  const text = header.trim();
  const inner = /^"(.*)"$/.exec(text)?.[1]?.replace(/\\(["\\])/g, '$1') ?? text;
  if (inner === '' || inner.length > MAX_CHARACTERS || !/^[\x20-\x7e]+$/.test(inner)) {
    throw refusal(
      'Idempotency-Key',
      'invalid_value',
      'Idempotency-Key: 1 to 255 printable ASCII characters are taken.',
    );
  }
  return inner;
}

/** How many seconds `Prefer: wait=N` (RFC 7240) asks for; undefined without it. */
export function preferredWait(header: string | undefined): number | undefined {
  const found = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?/i.exec(header ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}
