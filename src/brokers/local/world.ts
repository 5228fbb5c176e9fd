import type { Clock, Millis } from '../../core/index.ts';
import type { MemoryShelf } from './store/op.ts';
import type { Store } from './store/store.ts';

/** What all parts of the broker share. */
export interface World {
  readonly clock: Clock;
  /** Broker time. */
  readonly now: () => Millis;
  readonly store: Store;
  readonly memory: MemoryShelf;
  /** @throws ScriptoriumError `broker-closed`, or what the store failed with. */
  readonly checkOpen: () => void;
  /** @throws ScriptoriumError `storage-full` when the disk has too little left to take anything new. */
  readonly checkSpace: () => Promise<void>;
}
