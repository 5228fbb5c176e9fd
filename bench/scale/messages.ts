/** What the bench and its processes of workers tell each other. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../src/core/index.ts';
import { millis } from '../../src/core/index.ts';

/** When the parts of a job were over, in milliseconds since the Unix epoch. */
const WorkedJob = z.object({
  id: z.string(),
  leased: z.number(),
  /** Its sound was there. */
  fetched: z.number(),
  /** The engine was done. */
  worked: z.number(),
  settled: z.number(),
});
export type WorkedJob = z.infer<typeof WorkedJob>;

export const HostOrder = z.object({
  url: z.string(),
  /** Names of the workers, each with connections of its own. */
  workers: z.array(z.string()),
});
export type HostOrder = z.infer<typeof HostOrder>;

/** `ready`, then, after it was told to stop, what it did. */
export const HostNews = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('worked'), jobs: z.array(WorkedJob) }),
]);
export type HostNews = z.infer<typeof HostNews>;

/** One folder for all processes that are on one Redis: they see each other's blobs, as those of a site do. */
export const blobsOf = (url: string): string => join(tmpdir(), `scriptorium-bench-${new URL(url).port}`);

/** One clock for all processes of a machine. */
export const sharedNow = (): number => performance.timeOrigin + performance.now();

export const benchClock: Clock = {
  now: () => millis(performance.now()),
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    return () => clearTimeout(timer);
  },
};
