import type { IncomingMessage, ServerResponse } from 'node:http';
import { ScriptoriumError, type Clock, type Millis } from '../../core/index.ts';

/** Slower senders hold a place that others need; looked at once a body has taken so long. */
const LEAST_BYTES_A_SECOND = 256;
const GRACE_MS = 30_000;

/**
 * The bytes of a request's body, which must keep coming.
 *
 * @throws ScriptoriumError `request-timeout` when nothing came for `idle` or it comes too slowly, `upload-unfinished` when the client went away.
 */
export async function* pacedBody(
  request: IncomingMessage,
  { clock, idle }: { readonly clock: Clock; readonly idle: Millis },
): AsyncGenerator<Buffer, void, undefined> {
  let forget: (() => void) | undefined;
  const slow = new ScriptoriumError('request-timeout', `Nothing of the body came for ${String(idle / 1000)} s.`);
  const begun = clock.now();
  let bytes = 0;
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const late = new Promise<never>((_, reject) => {
        forget = clock.after(idle, () => reject(slow));
      });
      const next = await Promise.race([chunks.next(), late]);
      forget?.();
      if (next.done === true) break;
      bytes += next.value.length;
      const passed = clock.now() - begun;
      if (passed > GRACE_MS && bytes < (passed / 1000) * LEAST_BYTES_A_SECOND) {
        throw new ScriptoriumError('request-timeout', 'The body comes too slowly.');
      }
      yield next.value;
    }
  } catch (error) {
    if (error instanceof ScriptoriumError) throw error;
    throw new ScriptoriumError('upload-unfinished', 'The connection ended before the body did.', { cause: error });
  } finally {
    forget?.();
  }
  if (!request.complete) throw new ScriptoriumError('upload-unfinished', 'The connection ended before the body did.');
}

/** Tells a client that asked first to send its body: it was let in. */
export function inviteBody({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
}
