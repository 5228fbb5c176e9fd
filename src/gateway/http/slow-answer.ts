import { once } from 'node:events';
import type { Clock, Millis } from '../../core/index.ts';
import { sendAnswer, type Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';

/**
 * How an answer can be begun before its end is known. `filler`: bytes that mean nothing stand before it, which must begin with
 * `head`. `prefix`: so much of its text is settled already.
 */
export type Opening =
  | { readonly kind: 'filler'; readonly head: string; readonly filler: string }
  | { readonly kind: 'prefix'; readonly settled: () => string };

export interface SlowParts {
  readonly clock: Clock;
  /** An answer that comes within this time is sent as any other. */
  readonly hold: Millis;
  readonly beat: Millis;
  readonly type: string;
  readonly opening: Opening;
  /** What a failure looks like in an answer that was begun with 200; undefined breaks the connection off. */
  readonly failure: (error: unknown) => string | undefined;
}

/**
 * Answers with what comes of `work`. One that takes long is begun early, and shows a sign of life now and then: clients and
 * proxies give up on a server that is silent for a minute or five.
 *
 * @throws what `work` throws, as long as nothing was sent.
 */
export async function answerSlowly(exchange: Exchange, work: Promise<Answer>, parts: SlowParts): Promise<void> {
  const { response, gone } = exchange;
  const { clock, hold, beat, type, opening } = parts;
  let written = '';
  let forget = (): void => {};

  const write = (text: string): void => {
    written += text;
    if (text !== '' && !gone.aborted) response.write(text);
  };
  const sign = (): void => {
    if (opening.kind === 'filler')
      write(written.startsWith(opening.head) ? opening.filler : opening.head + opening.filler);
    else write(opening.settled().slice(written.length));
    forget = clock.after(beat, sign);
  };
  forget = clock.after(hold, () => {
    response.writeHead(200, { 'content-type': type });
    response.flushHeaders();
    sign();
  });

  try {
    const answer = await work;
    forget();
    if (!response.headersSent) {
      await sendAnswer(exchange, answer, clock);
      await finished(exchange);
      return;
    }
    response.end(
      opening.kind === 'filler' ? answer.body.slice(opening.head.length) : answer.body.slice(written.length),
    );
    await finished(exchange);
  } catch (error) {
    forget();
    if (!response.headersSent || response.destroyed) throw error;
    const told = parts.failure(error);
    if (told === undefined) throw error;
    response.end(told);
  }
}

/** Resolves when the client's machine has it all, or the client is gone. */
async function finished({ response, gone }: Pick<Exchange, 'response' | 'gone'>): Promise<void> {
  if (!response.writableFinished && !response.destroyed) {
    await once(response, 'finish', { signal: gone }).catch(() => {});
  }
}
