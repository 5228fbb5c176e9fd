import type { LiveWord, SessionEvent } from './wire.ts';

/** Where a session that goes on for another stands in the whole: what is added to its times and segment numbers. */
export interface Offset {
  readonly ms: number;
  readonly segments: number;
  /** Told before: numbers of segments that had none are not used again. */
  readonly finals: number;
  readonly bytes: number;
}

export const NO_OFFSET: Offset = { ms: 0, segments: 0, finals: 0, bytes: 0 };

/** An event of a session that goes on for another, with the times and numbers of the whole stream. */
export function moved(event: SessionEvent, by: Offset): SessionEvent {
  if (by === NO_OFFSET) return event;
  const word = (one: LiveWord): LiveWord => ({
    ...one,
    start_ms: one.start_ms + by.ms,
    end_ms: one.end_ms + by.ms,
  });
  switch (event.type) {
    case 'speech_start':
    case 'speech_end': {
      const segment = event.segment === undefined ? {} : { segment: event.segment + by.segments };
      return { ...event, ...segment, at_ms: event.at_ms + by.ms };
    }
    case 'partial':
    case 'final':
      return {
        ...event,
        segment: event.segment + by.segments,
        start_ms: event.start_ms + by.ms,
        end_ms: event.end_ms + by.ms,
        ...(event.words === undefined ? {} : { words: event.words.map(word) }),
      };
    case 'finalized':
      return { ...event, bytes: event.bytes + by.bytes };
    case 'ended': {
      // Where the sound went only the server knows, of what it did not lose: `ledger` and `figures` stay as they are.
      const { audio_ms: audioMs, segments: finals } = event;
      return {
        ...event,
        ...(audioMs === undefined ? {} : { audio_ms: audioMs + by.ms }),
        ...(finals === undefined ? {} : { segments: finals + by.finals }),
      };
    }
    default:
      return event;
  }
}
