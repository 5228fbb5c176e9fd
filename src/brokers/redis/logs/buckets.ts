import type { Buckets } from '../../../core/index.ts';
import { textsOf } from '../link/reply.ts';
import { SPEND } from '../scripts/buckets.ts';
import type { World } from '../world.ts';

/** They are few and small: all of them are on one shard. */
const SHARD = 0;
/** Arguments of a script are bounded. */
const AT_ONCE = 500;

export function redisBuckets({ link, checkOpen }: World): Buckets {
  return {
    async spend(spends) {
      checkOpen();
      const left: number[] = [];
      for (let from = 0; from < spends.length; from += AT_ONCE) {
        const some = spends.slice(from, from + AT_ONCE);
        const args = some.flatMap(({ key, amount, most, period }) => [key, amount, most, period]);
        left.push(...textsOf(await link.run(SPEND, SHARD, ...args)).map(Number));
      }
      return left;
    },
  };
}
