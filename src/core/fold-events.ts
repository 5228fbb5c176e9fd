import type { AudioLedger, DropReason, TranscriptionEvent } from './jobs.ts';
import type { LoggedEvent } from './ports/event-log.ts';
import type {
  ChannelWork,
  TranscriptionRecord,
  TranscriptionRequest,
  TranscriptionWork,
} from './transcription-record.ts';
import { millis, samples, type Millis, type Samples } from './units.ts';

/** A transcription that was just asked for: no event yet. */
export function newRecord(request: TranscriptionRequest, at: Millis): TranscriptionRecord {
  const work: TranscriptionWork = { channels: [], toldAt: at };
  return { v: 1, request, createdAt: at, state: 'queued', seq: 0, doneMs: millis(0), work };
}

/** Whether its last event was told: nothing of it changes any more. */
export const isEnded = ({ state }: Pick<TranscriptionRecord, 'state'>): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'cancelled';

/** The record with the events behind its `seq`; those that it holds already are passed over. Pure. */
export function foldEvents(
  record: TranscriptionRecord,
  events: readonly LoggedEvent<TranscriptionEvent>[],
): TranscriptionRecord {
  return events.reduce((before, logged) => (logged.seq === before.seq + 1 ? fold(before, logged) : before), record);
}

function fold(before: TranscriptionRecord, { seq, at, event }: LoggedEvent<TranscriptionEvent>): TranscriptionRecord {
  const record = { ...before, seq };
  switch (event.type) {
    case 'accepted':
      return record;
    case 'started':
      return { ...record, state: 'running', startedAt: at };
    case 'progress':
      return {
        ...record,
        doneMs: event.doneMs,
        ...(event.totalMs === undefined ? {} : { totalMs: event.totalMs }),
        work: { ...record.work, toldAt: at },
      };
    case 'segment':
      return {
        ...record,
        work: withChannel(record.work, event.channel, (channel) => {
          const isText = event.segments.some(({ text }) => text.trim() !== '');
          return {
            next: event.index + 1,
            until: samples(event.start + event.length),
            transcribed: samples(channel.transcribed + (isText ? event.length : 0)),
            suppressed: samples(channel.suppressed + (isText ? 0 : event.length)),
            held: channel.held.filter(({ index }) => index > event.index),
          };
        }),
      };
    case 'succeeded':
    case 'cancelled':
      return { ...record, state: event.type, finishedAt: at, ledger: event.ledger };
    case 'failed':
      return {
        ...record,
        state: 'failed',
        finishedAt: at,
        ledger: event.ledger,
        error: { code: event.code, message: event.message },
      };
  }
}

const NO_WORK: ChannelWork = {
  next: 0,
  until: samples(0),
  transcribed: samples(0),
  suppressed: samples(0),
  held: [],
};

/** The work of one channel; that of a channel nobody has heard of is empty. */
export const channelWork = (work: TranscriptionWork, channel: number): ChannelWork => work.channels[channel] ?? NO_WORK;

export function withChannel(
  work: TranscriptionWork,
  channel: number,
  change: (before: ChannelWork) => ChannelWork,
): TranscriptionWork {
  const count = Math.max(work.channels.length, channel + 1);
  const channels = Array.from({ length: count }, (_, i) => {
    const before = channelWork(work, i);
    return i === channel ? change(before) : before;
  });
  return { ...work, channels };
}

/**
 * The account of a transcription that ends now: of the whole file once it is decoded, before that of what was heard of.
 *
 * @param reason why what has no text yet is dropped.
 */
export function ledgerOf(work: TranscriptionWork, reason: DropReason): AudioLedger {
  const sum = (of: (channel: ChannelWork) => number): number => work.channels.reduce((all, one) => all + of(one), 0);
  const transcribed = sum((channel) => channel.transcribed);
  const suppressed = sum((channel) => channel.suppressed);
  const waiting = sum(({ held }) => held.reduce((all, one) => all + one.length, 0));
  const { prepared } = work;
  const silence = prepared?.reduce((all, channel) => all + channel.silence, 0) ?? 0;
  const received = prepared?.reduce((all, channel) => all + channel.total, 0) ?? transcribed + suppressed + waiting;
  const dropped: Record<DropReason, Samples> = { cancelled: samples(0), failed: samples(0) };
  dropped[reason] = samples(received - transcribed - suppressed - silence);
  return {
    received: samples(received),
    transcribed: samples(transcribed),
    silence: samples(silence),
    suppressed: { 'no-speech': samples(suppressed) },
    dropped,
  };
}
