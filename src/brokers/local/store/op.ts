/** One change of a key; without a value it is deleted. */
export interface Op {
  readonly key: string;
  readonly value?: string;
}

/** Where text stands under a key: in the store on the disk, or in memory for what need not outlive the process. */
export interface Shelf {
  /** The newest value, whether it is on the disk yet or not. */
  get(key: string): string | undefined;
  /** All or none; resolves once a crash can't take it back. Writes take effect in the order of the calls. */
  write(ops: readonly Op[]): Promise<void>;
}

/** A shelf that ends with the process. */
export interface MemoryShelf extends Shelf {
  removePrefix(prefix: string): void;
}

export function memoryShelf(): MemoryShelf {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key),
    async write(ops) {
      for (const { key, value } of ops) {
        if (value === undefined) values.delete(key);
        else values.set(key, value);
      }
    },
    removePrefix(prefix) {
      for (const key of values.keys()) if (key.startsWith(prefix)) values.delete(key);
    },
  };
}
