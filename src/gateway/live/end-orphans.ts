import type { Broker, Millis } from '../../core/index.ts';
import { foldLive, liveLedger, samples } from '../../core/index.ts';
import { failedFinals } from './late-events.ts';

/** Records and events read at once. */
const PAGE = 100;

/**
 * Ends the live sessions that a killed process left: nobody holds their sound any more. What was settled stands, the ledger is
 * closed, and what was said is kept for its time. Only where no other gateway shares the broker.
 *
 * @returns how many there were.
 */
export async function endOrphans({ live, audio }: Pick<Broker, 'live' | 'audio'>, kept: Millis): Promise<number> {
  let ended = 0;
  let after: string | undefined;
  for (;;) {
    const page = await live.sessions.list({ order: 'asc', limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { id, version, record } of page) {
      let { view } = record;
      for (;;) {
        const events = await live.events.read(id, view.seq, PAGE);
        if (events.length === 0) break;
        view = foldLive(view, events);
      }
      if (view.ended) continue;
      const { end } = await audio.append(id, 0, samples(0), new Int16Array(0));
      const finals = failedFinals(view, end);
      const last = finals.reduce(
        (now, event) => foldLive(now, [{ seq: now.seq + 1, at: record.createdAt, event }]),
        view,
      );
      const ledger = liveLedger(last, end, samples(0));
      const figures = { ...last.figures, resumes: 0 };
      await live.events.append(id, view.seq, [...finals, { type: 'ended', reason: 'failed', ledger, figures }]);
      await live.sessions.save(id, version, { ...record, view }, kept);
      await audio.drop(id);
      ended++;
    }
    after = page.at(-1)?.id;
    if (after === undefined) return ended;
  }
}
