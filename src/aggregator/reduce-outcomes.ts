import type {
  ChannelWork,
  CommittedOutcome,
  ErrorCode,
  HeldSegment,
  JobOutcome,
  Millis,
  TranscriptionEvent,
  TranscriptionRecord,
  TranscriptionWork,
} from '../core/index.ts';
import {
  ERRORS,
  channelWork,
  foldEvents,
  isEnded,
  ledgerOf,
  millis,
  samplesToMillis,
  withChannel,
} from '../core/index.ts';
import { segmentsOf } from '../transcript/index.ts';

/** Progress is told at most this often, and once more at the end. */
const TELL_EVERY_MS = 1000;

export interface Reduced {
  /** With the events folded in, and what waits for others. */
  readonly record: TranscriptionRecord;
  /** To be appended behind the `seq` of the record that was given. */
  readonly events: readonly TranscriptionEvent[];
}

/**
 * What outcomes make of a transcription. Pure, and the same whatever order they come in and however often: segments are told
 * in order, each once; the last event comes when all of the file is told, or when a job has failed for good.
 */
export function reduceOutcomes(
  before: TranscriptionRecord,
  outcomes: readonly CommittedOutcome<JobOutcome>[],
): Reduced {
  const events: TranscriptionEvent[] = [];
  let record = before;

  function tell(event: TranscriptionEvent, at: Millis): void {
    events.push(event);
    record = foldEvents(record, [{ seq: record.seq + 1, at, event }]);
  }
  function change(work: TranscriptionWork): void {
    record = { ...record, work };
  }

  function take({ outcome, at }: CommittedOutcome<JobOutcome>): void {
    if (isEnded(record) || outcome.type === 'heard') return;
    if (outcome.type === 'failed' || outcome.type === 'dead') {
      tell({ type: 'failed', ...failureOf(outcome), ledger: ledgerOf(record.work, 'failed') }, at);
      return;
    }
    if (record.state === 'queued') tell({ type: 'started' }, at);
    if (outcome.type === 'prepared') change({ ...record.work, prepared: record.work.prepared ?? outcome.channels });
    else {
      const { channel, segment: index, start, length, result } = outcome;
      const held = { index, start, length, segments: segmentsOf({ start }, result) };
      change(withChannel(record.work, channel, (work) => hold(work, held)));
      release(channel, at);
    }
    const isWhole = isAllTold(record.work);
    if (isWhole || at - record.work.toldAt >= TELL_EVERY_MS) tellProgress(at);
    if (isWhole) tell({ type: 'succeeded', ledger: ledgerOf(record.work, 'failed') }, at);
  }

  /** Tells the segments that wait for none before them. */
  function release(channel: number, at: Millis): void {
    for (;;) {
      const { next, held } = channelWork(record.work, channel);
      const [first] = held;
      if (first?.index !== next) return;
      tell({ type: 'segment', channel, ...first }, at);
    }
  }

  function tellProgress(at: Millis): void {
    const { doneMs: now, totalMs } = progressOf(record.work);
    // A channel that is heard of for the first time is at its start.
    const doneMs = millis(Math.max(record.doneMs, now));
    if (doneMs === record.doneMs && totalMs === record.totalMs) return;
    tell({ type: 'progress', doneMs, ...(totalMs === undefined ? {} : { totalMs }) }, at);
  }

  for (const outcome of outcomes) take(outcome);
  return { record, events };
}

/** The channel with one more segment that waits, unless it was told or waits already. */
function hold(work: ChannelWork, segment: HeldSegment): ChannelWork {
  const isKnown = segment.index < work.next || work.held.some(({ index }) => index === segment.index);
  if (isKnown) return work;
  return { ...work, held: [...work.held, segment].sort((a, b) => a.index - b.index) };
}

const isAllTold = (work: TranscriptionWork): boolean =>
  work.prepared?.every(({ segments }, channel) => channelWork(work, channel).next >= segments) === true;

/** As far as the slowest channel is told; a channel whose segments are all told is done to its end. */
function progressOf(work: TranscriptionWork): { readonly doneMs: Millis; readonly totalMs?: Millis } {
  const { prepared } = work;
  if (prepared === undefined) {
    const done = work.channels.length === 0 ? 0 : Math.min(...work.channels.map(({ until }) => samplesToMillis(until)));
    return { doneMs: millis(done) };
  }
  const done = prepared.map(({ total, segments }, channel) => {
    const { next, until } = channelWork(work, channel);
    return samplesToMillis(next >= segments ? total : until);
  });
  const totalMs = millis(Math.max(0, ...prepared.map(({ total }) => samplesToMillis(total))));
  return { doneMs: millis(Math.min(totalMs, ...done)), totalMs };
}

const CODES: ReadonlySet<string> = new Set(Object.keys(ERRORS));
const isCode = (word: string): word is ErrorCode => CODES.has(word);

function failureOf(outcome: Extract<JobOutcome, { type: 'failed' | 'dead' }>): {
  readonly code: ErrorCode;
  readonly message: string;
} {
  if (outcome.type === 'failed') return { code: outcome.code, message: outcome.message };
  const { reason, attempts } = outcome;
  return {
    code: isCode(reason) ? reason : 'engine-crashed',
    message: `a part of the recording was tried ${attempts} times, and each time the try ended early`,
  };
}
