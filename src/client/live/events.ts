/** What a live session tells: the server's events, and what became of the connection. */
import type { SessionEvent } from './wire.ts';

/** The connection is broken and will be tried again; nothing is lost yet. */
export interface ReconnectingEvent {
  readonly type: 'reconnecting';
  /** 1 for the first try since the connection was last good. */
  readonly attempt: number;
  readonly delay_ms: number;
  readonly code: string;
  readonly message: string;
}
/** The same session goes on; everything that was missed follows. */
export interface ResumedEvent {
  readonly type: 'resumed';
  readonly session_id: string;
}
/**
 * The server had lost the session: a new one goes on with what was kept of the sound. Segments and times count on; segments
 * that had no final yet are void, for they are heard again under new numbers.
 */
export interface ContinuedEvent {
  readonly type: 'continued';
  readonly session_id: string;
  readonly before: string;
  /** From where in the stream it is heard (again). */
  readonly from_ms: number;
  /** How much behind the last final had to be given up, for it was not kept. */
  readonly lost_ms: number;
}
/** The server stops soon; the session moves when it does. */
export interface DrainingEvent {
  readonly type: 'draining';
  readonly deadline_ms: number;
}
/** What the server keeps its work in does not answer: words wait, and nothing is lost. Told once more when it is over. */
export interface DegradedEvent {
  readonly type: 'degraded';
  readonly active: boolean;
}
/** Sound was dropped, for the connection was away for longer than is kept: silence stands in its place. */
export interface DroppedEvent {
  readonly type: 'dropped';
  readonly bytes: number;
}

export type ConnectionEvent =
  ReconnectingEvent | ResumedEvent | ContinuedEvent | DrainingEvent | DegradedEvent | DroppedEvent;

/** Branch on `type`. */
export type LiveEvent = SessionEvent | ConnectionEvent;
