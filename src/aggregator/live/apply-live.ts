import type { Broker, CommittedOutcome, JobOutcome, LiveRecord, LiveStores, Versioned } from '../../core/index.ts';
import { foldLive } from '../../core/index.ts';
import { reduceLive } from './reduce-live.ts';

/** Events read at once. */
const PAGE = 500;

/** The record with all its events: the stored snapshot may be some events behind. Undefined when there is none. */
async function readLive({ sessions, events }: LiveStores, id: string): Promise<Versioned<LiveRecord> | undefined> {
  const found = await sessions.read(id);
  if (found === undefined) return undefined;
  let { view } = found.record;
  for (;;) {
    const page = await events.read(id, view.seq, PAGE);
    if (page.length === 0) return { ...found, record: { ...found.record, view } };
    view = foldLive(view, page);
  }
}

/**
 * Folds outcomes into their live session: events first, then the snapshot that holds them. A crash in between heals, for the
 * snapshot is read with the events behind it, and what was folded before changes nothing.
 *
 * @throws ScriptoriumError as the stores do; then the same outcomes may be applied again.
 */
export async function applyLive(
  { live }: Pick<Broker, 'live'>,
  id: string,
  outcomes: readonly CommittedOutcome<JobOutcome>[],
): Promise<void> {
  for (;;) {
    const found = await readLive(live, id);
    if (found === undefined || found.record.view.ended) return;
    const { record, events } = reduceLive(found.record, outcomes);
    const held = record.held.length !== found.record.held.length;
    if (events.length > 0 && (await live.events.append(id, found.record.view.seq, events)).status === 'conflict') {
      continue;
    }
    // Without finals that wait, the events alone tell everything: the snapshot may be behind.
    const isStale = record.view.seq - found.record.view.seq > 0 && record.view.open.length === 0;
    if (!held && !isStale) return;
    if ((await live.sessions.save(id, found.version, record)) !== 'conflict') return;
  }
}
