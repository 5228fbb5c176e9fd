/** A queue of at most `limit` values between one writer and one reader: a full one makes the writer wait. */
export interface BoundedQueue<T> extends AsyncIterable<T> {
  /** Resolves when there is room for the next; resolves at once when the reader has gone. */
  push(value: T): Promise<void>;
  /** No more values: the reader ends after what is queued. */
  close(): void;
  /** The reader throws `error` after what is queued. */
  fail(error: unknown): void;
}

type End = { readonly kind: 'closed' } | { readonly kind: 'failed'; readonly error: unknown };

export function boundedQueue<T>(limit: number): BoundedQueue<T> {
  const values: T[] = [];
  let end: End | undefined;
  let left = false;
  let wakeReader: (() => void) | undefined;
  let wakeWriter: (() => void) | undefined;

  const finish = (how: End): void => {
    end ??= how;
    wakeReader?.();
  };

  async function* read(): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const value = values.shift();
        if (value !== undefined) {
          wakeWriter?.();
          yield value;
        } else if (end?.kind === 'failed') {
          throw end.error;
        } else if (end?.kind === 'closed') {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wakeReader = resolve;
          });
        }
      }
    } finally {
      left = true;
      values.length = 0;
      wakeWriter?.();
    }
  }

  return {
    async push(value) {
      if (left || end !== undefined) return;
      values.push(value);
      wakeReader?.();
      while (values.length >= limit && !left) {
        await new Promise<void>((resolve) => {
          wakeWriter = resolve;
        });
      }
    },
    close: () => finish({ kind: 'closed' }),
    fail: (error) => finish({ kind: 'failed', error }),
    [Symbol.asyncIterator]: read,
  };
}
