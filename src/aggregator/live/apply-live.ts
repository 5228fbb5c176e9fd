import type { CommittedOutcome, JobOutcome, LiveRecord, LiveStores, Versioned } from '../../core/index.ts';
import { foldLive } from '../../core/index.ts';
import { reduceLive } from './reduce-live.ts';

/** What of a broker it takes to fold outcomes. */
export interface LiveBroker {
  readonly live: {
    readonly sessions: Pick<LiveStores['sessions'], 'read' | 'save'>;
    readonly events: Pick<LiveStores['events'], 'read' | 'append'>;
  };
}

/** Events read at once. */
const PAGE = 500;

/** The record with all its events: the stored snapshot may be some events behind. Undefined when there is none. */
async function readLive(
  { sessions, events }: LiveBroker['live'],
  id: string,
): Promise<Versioned<LiveRecord> | undefined> {
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
 * Several may do so at once. One may hold a final, which is in the record, while another tells the one before it, which is in the
 * log: neither write conflicts with the other. So whoever has held or told a final looks once more, and the last of them sees both.
 *
 * @throws ScriptoriumError as the stores do; then the same outcomes may be applied again.
 */
export async function applyLive(
  { live }: LiveBroker,
  id: string,
  outcomes: readonly CommittedOutcome<JobOutcome>[],
): Promise<void> {
  for (;;) {
    const found = await readLive(live, id);
    if (found === undefined || found.record.view.ended) return;
    const { record, events } = reduceLive(found.record, outcomes);
    const isHeld = !isSame(record.held, found.record.held);
    if (events.length > 0 && (await live.events.append(id, found.record.view.seq, events)).status === 'conflict') {
      continue;
    }
    // Without finals that wait, the events alone tell everything: the snapshot may be behind.
    const { open } = record.view;
    const isStale = events.length > 0 && open.length === 0;
    if (isHeld || isStale) await live.sessions.save(id, found.version, record);
    const isAwaited = events.some(({ type }) => type === 'final') && open.some(({ to }) => to !== undefined);
    if (!isHeld && !isAwaited) return;
  }
}

const isSame = (a: LiveRecord['held'], b: LiveRecord['held']): boolean =>
  a.length === b.length && a.every(({ utterance }, index) => utterance === b[index]?.utterance);
