import type { Millis } from '../../../core/index.ts';

/** Ids of jobs that were done a short while ago, with the time until which each is known; a bounded number of them. */
export interface RecentIds {
  has(id: string, now: Millis): boolean;
  add(id: string, until: Millis): void;
  /** Forgets what is over, and the oldest beyond the bound. @returns their ids. */
  prune(now: Millis): readonly string[];
}

const MAX_RECENT = 100_000;

/** Ids are added in the order of their times. */
export function recentIds(): RecentIds {
  const until = new Map<string, Millis>();
  return {
    has: (id, now) => (until.get(id) ?? Number.NEGATIVE_INFINITY) > now,
    add(id, time) {
      until.delete(id);
      until.set(id, time);
    },
    prune(now) {
      const over: string[] = [];
      for (const [id, time] of until) {
        if (time > now && until.size <= MAX_RECENT) break;
        until.delete(id);
        over.push(id);
      }
      return over;
    },
  };
}
