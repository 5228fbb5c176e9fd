import type { Buckets, Millis } from '../../core/index.ts';

/** Those that are full again are forgotten once there are so many. */
const MANY = 10_000;

/** In memory: limits begin anew with the process. */
export function memoryBuckets(now: () => Millis, checkOpen: () => void): Buckets {
  const levels = new Map<string, { readonly level: number; readonly at: number; readonly fullAt: number }>();

  function forgetFull(): void {
    for (const [key, { fullAt }] of levels) if (fullAt <= now()) levels.delete(key);
  }
  return {
    async spend(spends) {
      checkOpen();
      if (levels.size > MANY) forgetFull();
      return spends.map(({ key, amount, most, period }) => {
        const at = now();
        const { level: before = most, at: since = at } = levels.get(key) ?? {};
        const level = Math.min(most, before + (most * (at - since)) / period) - amount;
        levels.set(key, { level, at, fullAt: at + ((most - level) / most) * period });
        return level;
      });
    },
  };
}
