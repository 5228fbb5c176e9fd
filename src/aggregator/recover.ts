import type { Broker, Clock } from '../core/index.ts';
import { isEnded, millis, pause, prepareJob, readTranscription, settleTranscription } from '../core/index.ts';

/** Records looked at together. */
const PAGE = 100;
/** A full queue is asked again. */
const LOOK_AGAIN = millis(1000);

/**
 * Takes up what a crash left between two steps: transcriptions that were accepted without a job, and such that have ended
 * without being settled. Those under way have their jobs in the broker and need nothing.
 */
export async function recover(broker: Broker, clock: Clock, signal: AbortSignal): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const page = await broker.sessions.list({
      order: 'asc',
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const { id, record } of page) {
      signal.throwIfAborted();
      if (!isEnded(record)) await takeUp(broker, id, clock, signal);
    }
    after = page.at(-1)?.id;
    if (after === undefined) return;
  }
}

async function takeUp(broker: Broker, id: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const found = await readTranscription(broker, id);
  if (found === undefined) return;
  if (isEnded(found.record)) return settleTranscription(broker, id);
  if (found.record.seq === 0) await broker.events.append(id, 0, [{ type: 'accepted' }]);
  if (found.record.work.prepared !== undefined) return;
  while ((await broker.jobs.put(prepareJob(found))) === 'full') await pause(clock, LOOK_AGAIN, signal);
}
