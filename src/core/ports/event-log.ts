/** The event log port: what clients see of a session, numbered without holes. */
import type { Millis } from '../units.ts';

export interface LoggedEvent<Event> {
  /** 1, 2, 3, … in its session. */
  readonly seq: number;
  /** Broker time of the append. */
  readonly at: Millis;
  readonly event: Event;
}

/** `Event` is plain JSON. */
export interface EventLog<Event> {
  /**
   * Adds events behind number `after`, all or none. `conflict`: somebody wrote in between, and `last` is where the log ends.
   * Readers see them once a crash can no longer take them back, those of an `interactive` transcription sooner.
   */
  append(
    session: string,
    after: number,
    events: readonly Event[],
  ): Promise<{ readonly status: 'ok' | 'conflict'; readonly last: number }>;
  /** Events behind number `after`, in order, at most `limit`. */
  read(session: string, after: number, limit: number): Promise<readonly LoggedEvent<Event>[]>;
  /**
   * Every event behind number `after`, each once and in order, those to come included. A slow reader costs nobody memory.
   * Ends, without throwing, when `signal` aborts, the session's events are removed, or the broker closes.
   */
  follow(session: string, after: number, signal: AbortSignal): AsyncIterable<LoggedEvent<Event>>;
  /** Forgets the session's events and ends its followers. */
  remove(session: string): Promise<void>;
}
