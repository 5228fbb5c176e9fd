/** A stream whose first item is asked for before anybody reads it. */
export interface FirstAhead<T> {
  /** Settles when the first item is there, or the end. */
  readonly first: Promise<unknown>;
  /** All of them, the first among them; read once. */
  readonly items: AsyncIterable<T>;
}

/** Asks for the first item at once, so that the work on it is done while something else is waited for. */
export function firstAhead<T>(source: AsyncIterable<T>): FirstAhead<T> {
  const iterator = source[Symbol.asyncIterator]();
  const first = iterator.next();
  async function* items(): AsyncGenerator<T, void, undefined> {
    try {
      for (let next = await first; next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { first, items: items() };
}
