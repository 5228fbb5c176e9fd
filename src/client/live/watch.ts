import type { ClientError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { eventQueue } from './event-queue.ts';
import type { LiveEvent } from './events.ts';
import { LINK_TIMES, openLink, type LinkTimes } from './link.ts';
import { eventNumbers } from './numbers.ts';
import type { SessionAddress } from './session.ts';

/** A session that somebody else speaks in, followed read-only from its first event. */
export interface WatchedSession extends AsyncIterable<LiveEvent, void, undefined> {
  close(): void;
}

export interface WatchedId {
  readonly id: string;
  readonly viewToken: string;
}

/** The events fail with `session-unknown` when there is no such session, or its time is over. */
export function watchSession(
  address: SessionAddress,
  { id, viewToken }: WatchedId,
  times: Partial<LinkTimes>,
  platform: Platform,
): WatchedSession {
  const events = eventQueue();
  const numbers = eventNumbers();
  let hasBroken = false;
  const link = openLink({ ...address, times: { ...LINK_TIMES, ...times } }, platform, {
    hello: () => ({ type: 'watch', session_id: id, view_token: viewToken, last_seq: numbers.last() }),
    heard(message) {
      const counted = numbers.take(message);
      if (counted.type === 'hole') link.again('protocol-violated', 'an event is missing');
      if (message.type === 'resumed' && hasBroken) events.put({ type: 'resumed', session_id: id });
      if (message.type === 'draining') events.put({ type: 'draining', deadline_ms: message.deadline_ms });
      if (message.type === 'degraded') events.put({ type: 'degraded', active: message.active });
      if (counted.type !== 'event') return;
      link.progress();
      const { event } = counted;
      if (event.type !== 'error' || event.fatal === false) events.put(event);
      if (event.type === 'ended') link.finish();
    },
    broken({ attempt, delay, code, message }) {
      hasBroken = true;
      events.put({ type: 'reconnecting', attempt, delay_ms: Math.round(delay), code, message });
    },
    unknown: () => false,
    over: (error: ClientError | undefined) => events.close(error),
  });
  return {
    [Symbol.asyncIterator]: () => events[Symbol.asyncIterator](),
    close: () => link.close(),
  };
}
