import type { Millis } from '../../core/index.ts';
import { textOf } from './link/reply.ts';
import { checkedSession } from '../names.ts';
import { FORGET } from './scripts/forget.ts';
import { shardOfSession } from './shards.ts';
import type { World } from './world.ts';

interface Parts {
  readonly records: readonly {
    readonly kind: string;
    has(id: string): Promise<boolean>;
    expired(limit: number): Promise<readonly string[]>;
  }[];
  readonly queues: readonly { forgot(session: string): Promise<void> }[];
  readonly events: readonly { end(session: string): void }[];
  readonly audio: { forget(session: string): Promise<void> };
  readonly blobs: {
    sessions(age: Millis): AsyncIterable<string>;
    forget(session: string): Promise<void>;
  };
  /** How old blobs without a record are before they go: younger ones may belong to an upload under way. */
  readonly orphans: Millis;
}

export interface Forgetter {
  /** All of a session; `false` when there was no record. */
  forget(session: string): Promise<boolean>;
  /** The same, if its record is past its time. */
  forgetOver(session: string): Promise<void>;
  /** What is past its time. */
  sweep(): Promise<void>;
  /** Blobs that no record speaks of. */
  sweepBlobs(): Promise<void>;
}

/** How many of a shard are forgotten in one go. */
const SWEEP_BATCH = 100;

/**
 * What is in Redis goes last, in one step, so that a process which ends in the middle leaves the record, and another goes on.
 */
export function forgetter({ link, shards }: World, parts: () => Parts): Forgetter {
  const forget = async (session: string, when: 'now' | 'over'): Promise<boolean> => {
    checkedSession(session);
    const { records, queues, events, audio, blobs } = parts();
    if (when === 'now') for (const part of events) part.end(session);
    const kinds = records.map(({ kind }) => kind);
    const had =
      textOf(await link.run(FORGET, shardOfSession(session, shards), 'jobs', session, when, ...kinds)) === '1';
    if (when === 'now' || had) await Promise.all([audio.forget(session), blobs.forget(session)]);
    if (when === 'now' || had) await Promise.all(queues.map((part) => part.forgot(session)));
    return had;
  };

  return {
    forget: (session) => forget(session, 'now'),
    async forgetOver(session) {
      await forget(session, 'over');
    },
    async sweep() {
      for (const part of parts().records) {
        for (const session of await part.expired(SWEEP_BATCH)) await forget(session, 'over');
      }
    },
    async sweepBlobs() {
      const { records, blobs, orphans } = parts();
      for await (const session of blobs.sessions(orphans)) {
        const kept = await Promise.all(records.map((part) => part.has(session)));
        if (!kept.includes(true)) await blobs.forget(session);
      }
    },
  };
}
