import type { Clock } from './clock.ts';
import { pause } from './pause.ts';
import type { JobQueue, LeaseProof } from './ports/job-queue.ts';
import type { Millis } from './units.ts';

/**
 * Gives a queue signs of life for a lease, until `over` aborts (`over`) or there is nothing left to extend: `unwanted` when the
 * job was cancelled or superseded, `lost` when another may have it by now or the broker can't be reached. Never throws.
 *
 * @param every a third of the lease, or less: then two signs may come late.
 */
export async function keepLease(
  queue: Pick<JobQueue<unknown>, 'extend'>,
  lease: LeaseProof,
  clock: Clock,
  every: Millis,
  over: AbortSignal,
): Promise<'over' | 'unwanted' | 'lost'> {
  try {
    for (;;) {
      await pause(clock, every, over);
      const answer = await queue.extend(lease);
      if (over.aborted) return 'over';
      if (answer !== 'ok') return answer === 'lost' ? 'lost' : 'unwanted';
    }
  } catch {
    return over.aborted ? 'over' : 'lost';
  }
}
