import type { ServerMessage, SessionEvent, UnknownMessage } from './wire.ts';

/** What a message is to a reader who counts: new, seen before, or behind a hole. */
export type Counted =
  { readonly type: 'event'; readonly event: SessionEvent } | { readonly type: 'none' } | { readonly type: 'hole' };

/** The numbers of a session's events: without holes, each once. */
export interface EventNumbers {
  last(): number;
  take(message: ServerMessage | UnknownMessage): Counted;
  /** A new session counts from 1. */
  restart(): void;
}

export function eventNumbers(): EventNumbers {
  let last = 0;
  return {
    last: () => last,
    restart() {
      last = 0;
    },
    take(message) {
      switch (message.type) {
        case 'ack':
        case 'resumed':
        case 'pong':
        case 'draining':
        case 'degraded':
          return { type: 'none' };
        case 'skip':
          if (message.from > last + 1) return { type: 'hole' };
          last = Math.max(last, message.to);
          return { type: 'none' };
        default: {
          const { seq } = message;
          if (seq !== undefined) {
            if (seq <= last) return { type: 'none' };
            if (seq > last + 1) return { type: 'hole' };
            last = seq;
          }
          return message.type === 'unknown' ? { type: 'none' } : { type: 'event', event: message };
        }
      }
    },
  };
}
