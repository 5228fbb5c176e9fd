import type { Clock, Millis } from '../../core/index.ts';
import type { BrokerTime } from './link/broker-time.ts';
import type { Link } from './link/link.ts';

/** What all parts of the broker share. */
export interface World {
  readonly link: Link;
  /** What channels begin with. */
  readonly prefix: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly time: BrokerTime;
  readonly shards: number;
  /** How old numbers may be that are given without asking Redis; 0 asks after every call. */
  readonly fresh: Millis;
  /** Something is due sooner than was known. */
  readonly onDue: () => void;
  /** @throws ScriptoriumError `broker-closed`. */
  readonly checkOpen: () => void;
}

export const shardNumbers = ({ shards }: Pick<World, 'shards'>): readonly number[] =>
  Array.from({ length: shards }, (_, shard) => shard);
