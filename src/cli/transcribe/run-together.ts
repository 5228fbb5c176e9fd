/**
 * Does every item, at most `most` at once, and starts them in order. Starts no more once `signal` has aborted, and waits for
 * those that run.
 *
 * @param work must not throw: what can fail in it is its result.
 */
export async function runTogether<Item>(
  items: readonly Item[],
  most: number,
  signal: AbortSignal,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (signal.aborted) return;
      await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
}
