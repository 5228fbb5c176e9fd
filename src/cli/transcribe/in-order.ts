/** Lets texts out in the order of their index, each as soon as those before it are out or given up. */
export interface InOrder {
  /** The text of one index, once; `''` when it has none. Resolves when all that can be out is out. */
  put(index: number, text: string): Promise<void>;
}

export function inOrder(write: (text: string) => Promise<void>): InOrder {
  const waiting = new Map<number, string>();
  let next = 0;
  let tail: Promise<void> = Promise.resolve();
  return {
    put(index, text) {
      waiting.set(index, text);
      for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
        const out = ready;
        waiting.delete(next);
        next++;
        tail = tail.then(() => write(out));
      }
      return tail;
    },
  };
}
