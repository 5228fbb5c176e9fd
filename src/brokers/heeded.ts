import { heeding } from '../core/index.ts';

/** `bytes`, until `signal` aborts: a sender that says nothing more is not waited for. */
export async function* heeded(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = bytes[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await heeding(signal, chunks.next());
      ended = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a generator that waits for its sender would answer when that says something.
    if (!ended) void Promise.resolve(chunks.return?.()).catch(() => {});
  }
}
