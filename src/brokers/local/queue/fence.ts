import type { Store } from '../store/store.ts';

/** Numbers for leases, each above every one before, across restarts. */
export interface Fence {
  next(): number;
}

const KEY = 'fence';
/** So many are reserved on the disk at once; a restart skips what is left of them. */
const RESERVED = 1_000_000;

export async function openFence(store: Store): Promise<Fence> {
  const stored = store.get(KEY);
  let last = stored === undefined ? 0 : Number(stored);
  let reserved = last + RESERVED;
  const reserve = (): Promise<void> => store.write([{ key: KEY, value: String(reserved) }]);
  await reserve();
  return {
    next() {
      // Half of them early: the write is on the disk long before the first number behind it is given.
      if (reserved - last < RESERVED / 2) {
        reserved += RESERVED;
        void reserve();
      }
      return ++last;
    },
  };
}
