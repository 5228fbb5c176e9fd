import type { OutgoingHttpHeaders, IncomingMessage } from 'node:http';
import type { Clock } from '../../core/index.ts';
import { millis } from '../../core/index.ts';
import type { Exchange } from './exchange.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: OutgoingHttpHeaders;
}

export const JSON_TYPE = 'application/json; charset=utf-8';
export const TEXT_TYPE = 'text/plain; charset=utf-8';

export const jsonAnswer = (body: unknown, status = 200, headers: OutgoingHttpHeaders = {}): Answer => ({
  status,
  type: JSON_TYPE,
  body: JSON.stringify(body),
  headers,
});

/** Have no body: a length would be that of an answer which is not sent. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** What is still read of a body that nobody wants, so that its sender gets to see the answer. */
const DRAIN_BYTES = 4 * 1024 * 1024;
const DRAIN_TIME = millis(2000);
/** A client that sends nothing for so long waits for the answer. */
const DRAIN_IDLE = millis(300);

/**
 * Sends a whole answer. One that comes before the request was read to its end closes the connection, after a moment in which
 * the client can see it: most clients read only once they have sent.
 */
export async function sendAnswer(
  { request, response }: Pick<Exchange, 'request' | 'response'>,
  { status, type, body, headers = {} }: Answer,
  clock: Clock,
): Promise<void> {
  if (response.destroyed) return;
  const unread = !request.complete && hasBody(request);
  if (unread) response.setHeader('connection', 'close');
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  const bytes = Buffer.from(body);
  if (!BODILESS.has(status)) {
    response.setHeader('content-length', bytes.length);
    response.setHeader('content-type', type);
  }
  response.writeHead(status);
  if (unread) {
    response.write(bytes);
    await drain(request, clock);
    response.end();
  } else response.end(bytes);
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

async function drain(request: IncomingMessage, clock: Clock): Promise<void> {
  let left = DRAIN_BYTES;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      forget();
      forgetIdle();
      resolve();
    };
    const forget = clock.after(DRAIN_TIME, done);
    let forgetIdle = clock.after(DRAIN_IDLE, done);
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      forgetIdle();
      if (left < 0) done();
      else forgetIdle = clock.after(DRAIN_IDLE, done);
    });
    request.once('end', done);
    request.once('close', done);
    request.once('error', done);
    request.resume();
  });
  request.pause();
}
