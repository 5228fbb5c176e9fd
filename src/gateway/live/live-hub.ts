import type { LiveEvent, LiveStores, LiveView, LoggedEvent } from '../../core/index.ts';
import { ScriptoriumError, foldLive, millis } from '../../core/index.ts';

/** One live session's events as a gateway sees them: read from the log once, for everybody here who follows. */
export interface LiveHub {
  /** The events so far, summed up. */
  view(): LiveView;
  /**
   * Adds events to the log behind the newest. @param make called anew when somebody else wrote in between; none for nothing.
   * @returns the view right behind them.
   * @throws ScriptoriumError as the log does; `session-superseded` once another gateway has the session.
   */
  append(make: (view: LiveView) => readonly LiveEvent[]): Promise<LiveView>;
  /**
   * Whether the session is still here, by the log and not by the news of it, which may be late. Whoever listens hears what is new.
   * @throws ScriptoriumError as the log does.
   */
  isCurrent(): Promise<boolean>;
  /** Events behind number `after`, at most `limit`; empty when there are none yet. */
  read(after: number, limit: number): Promise<readonly LoggedEvent<LiveEvent>[]>;
  /** Calls back soon after there is something new, until what is returned is called. */
  listen(heard: () => void): () => void;
  /** Lets go of the log. */
  close(): Promise<void>;
}

/** Events kept at hand for those who are not far behind; others read the log. */
const RECENT = 512;
const PAGE = 500;
/** When an event was written is the log's to say, and nothing is folded of it. */
const UNTOLD = millis(0);

/** @param start what is known of the session; the hub goes on behind it, and writes as long as the session does not move. */
export function openLiveHub(events: LiveStores['events'], session: string, start: LiveView): LiveHub {
  const closing = new AbortController();
  const listeners = new Set<() => void>();
  let recent: LoggedEvent<LiveEvent>[] = [];
  let view = start;

  async function follow(): Promise<void> {
    for await (const logged of events.follow(session, view.seq, closing.signal)) {
      recent.push(logged);
      if (recent.length > 2 * RECENT) recent = recent.slice(-RECENT);
      view = foldLive(view, [logged]);
      for (const heard of listeners) heard();
    }
  }
  const following = follow();

  async function catchUp(from: LiveView): Promise<LiveView> {
    let newest = from;
    for (;;) {
      const page = await events.read(session, newest.seq, PAGE);
      if (page.length === 0) return newest;
      newest = foldLive(newest, page);
    }
  }

  return {
    view: () => view,
    async append(make) {
      let seen = view;
      for (;;) {
        if (seen.epoch !== start.epoch) throw new ScriptoriumError('session-superseded', `${session} has moved`);
        const added = make(seen);
        if (added.length === 0) return seen;
        const { status } = await events.append(session, seen.seq, added);
        const { seq } = seen;
        const newest =
          status === 'ok'
            ? foldLive(
                seen,
                added.map((event, index) => ({ seq: seq + 1 + index, event, at: UNTOLD })),
              )
            : await catchUp(seen);
        if (newest.seq === seq) throw new ScriptoriumError('session-unknown', `${session} is not there any more`);
        if (newest.seq > view.seq) view = newest;
        if (status === 'ok') return newest;
        seen = newest;
      }
    },
    async isCurrent() {
      const newest = await catchUp(view);
      if (newest.seq > view.seq) {
        view = newest;
        for (const heard of listeners) heard();
      }
      return view.epoch === start.epoch;
    },
    async read(after, limit) {
      const first = recent[0]?.seq ?? view.seq + 1;
      // Our own are known before the log tells of them, and it does not any more once it is let go of.
      const isAhead = view.seq > after && after >= (recent.at(-1)?.seq ?? 0);
      if (after + 1 < first || isAhead) return events.read(session, after, limit);
      const from = after + 1 - first;
      return recent.slice(from, from + limit);
    },
    listen(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    async close() {
      closing.abort();
      await following;
      // Whoever has not seen the last events yet finds them in the log.
      for (const heard of listeners) heard();
      listeners.clear();
    },
  };
}
