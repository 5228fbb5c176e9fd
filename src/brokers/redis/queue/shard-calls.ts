import { millis } from '../../../core/index.ts';
import type { Arg } from '../link/link.ts';
import { textsOf } from '../link/reply.ts';
import { LOOK } from '../scripts/look.ts';
import type { Script } from '../scripts/script.ts';
import { shardNumbers } from '../world.ts';
import type { World } from '../world.ts';
import type { Outlook } from './outlook.ts';
import { countsOf, outlook } from './outlook.ts';
import type { Positions } from './positions.ts';
import { positions } from './positions.ts';

/** A queue's scripts, and what is known of its shards between them. */
export interface ShardCalls {
  readonly outlook: Outlook;
  readonly positions: Positions;
  call(script: Script, shard: number, ...args: readonly Arg[]): Promise<unknown>;
  /** Asks every shard how it is. */
  lookAll(): Promise<void>;
  /** The same, unless that was done a moment ago. */
  lookOften(): Promise<void>;
  /** A session was forgotten. */
  forgot(session: string): Promise<void>;
  /** Asks the shards where something is due. */
  lookDue(): Promise<void>;
}

/** @param name the queue's, in keys. @param onNews something may be there for somebody. */
export function shardCalls(name: string, world: World, onNews: () => void): ShardCalls {
  const { link, clock, time, fresh } = world;
  const known = outlook(world.shards, world.onDue);
  const places = positions(name, world);
  let lookedAt = Number.NEGATIVE_INFINITY;

  const look = async (shard: number): Promise<void> => {
    const asked = clock.now();
    const [at, ...texts] = textsOf(await link.run(LOOK, shard, name));
    time.told(Number(at), asked, clock.now());
    known.heard(shard, texts.slice(0, 6), false);
    known.looked(shard, countsOf(texts.slice(6)));
    onNews();
  };
  const lookAll = async (): Promise<void> => {
    lookedAt = clock.now();
    await Promise.all([...shardNumbers(world).map(look), places.refresh()]);
  };

  return {
    outlook: known,
    positions: places,
    async call(script, shard, ...args) {
      const reply = link.run(script, shard, name, ...args);
      if (fresh > 0) return reply;
      // Sent behind it, so that the look sees what it did.
      const looked = Promise.all([look(shard), places.refresh()]);
      looked.catch(() => {});
      const answer = await reply;
      await looked;
      return answer;
    },
    lookAll,
    async lookOften() {
      if (clock.now() - lookedAt >= fresh) await lookAll();
    },
    async forgot(session) {
      places.drop(session);
      if (fresh <= 0) await lookAll();
    },
    async lookDue() {
      await Promise.all(known.dueBy(millis(Math.ceil(time.now()))).map(look));
    },
  };
}
