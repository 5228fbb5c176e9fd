import { ScriptoriumError, type Clock, type Millis } from '../../core/index.ts';
import type { Exchange } from '../http/exchange.ts';
import { inviteBody, pacedBody } from './paced-body.ts';

/** Longest JSON that is read. */
const MAX_BYTES = 64 * 1024;

/**
 * A short body as text.
 *
 * @throws ScriptoriumError `upload-too-large`, `upload-unfinished`, `request-timeout`.
 */
export async function readText(
  { request, response }: Pick<Exchange, 'request' | 'response'>,
  pace: { readonly clock: Clock; readonly idle: Millis },
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  inviteBody(request, response);
  for await (const chunk of pacedBody(request, pace)) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) {
      throw new ScriptoriumError('upload-too-large', `The body is longer than ${String(MAX_BYTES)} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
