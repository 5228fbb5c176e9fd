import { ClientError } from '../errors.ts';
import type { LiveEvent } from './events.ts';

/** Events that wait for a reader; from here on only the last partial of a segment is kept. */
const COALESCE_FROM = 256;
/** Most that wait: a reader that is so far behind does not read. */
const MAX_WAITING = 20_000;

/** Events on their way to one reader. */
export interface EventQueue extends AsyncIterable<LiveEvent, void, undefined> {
  /** @throws ClientError `reader-too-slow`. */
  put(event: LiveEvent): void;
  /** What waits is still read; then the reading ends, or fails. */
  close(error?: ClientError): void;
}

export function eventQueue(): EventQueue {
  let waiting: LiveEvent[] = [];
  let end: { readonly error: ClientError | undefined } | undefined;
  let hasLeft = false;
  let wake = (): void => {};

  const coalesce = (event: LiveEvent): void => {
    if (event.type !== 'partial' || waiting.length < COALESCE_FROM) return;
    const { segment } = event;
    waiting = waiting.filter((one) => one.type !== 'partial' || one.segment !== segment);
  };

  async function next(): Promise<IteratorResult<LiveEvent, void>> {
    for (;;) {
      const event = waiting.shift();
      if (event !== undefined) return { done: false, value: event };
      if (end?.error !== undefined && !hasLeft) {
        // Told once: a reader that asks again is at the end.
        hasLeft = true;
        throw end.error;
      }
      if (end !== undefined || hasLeft) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    put(event) {
      if (hasLeft || end !== undefined) return;
      coalesce(event);
      if (waiting.length >= MAX_WAITING) {
        throw new ClientError('reader-too-slow', `${String(MAX_WAITING)} events wait to be read`);
      }
      waiting.push(event);
      wake();
    },
    close(error) {
      end ??= { error };
      wake();
    },
    [Symbol.asyncIterator]: () => ({
      next,
      return() {
        hasLeft = true;
        waiting = [];
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}
