import {
  isEnded,
  millis,
  readTranscription,
  ScriptoriumError,
  type Millis,
  type TranscriptionRecord,
  type Versioned,
} from '../../core/index.ts';
import { jobOf, type Job } from '../../protocol/index.ts';
import type { Context } from '../context.ts';
import type { Exchange } from '../http/exchange.ts';

type Who = Pick<Exchange, 'caller'>;

/**
 * A job of this caller; those of others are as unknown as those that never were.
 *
 * @throws ScriptoriumError `job-unknown`.
 */
export async function ownJob(
  { broker }: Context,
  { caller }: Who,
  id: string,
): Promise<Versioned<TranscriptionRecord>> {
  const found = /^[\w-]{1,80}$/.test(id) ? await readTranscription(broker, id) : undefined;
  if (found?.tenant === caller.tenant) return found;
  throw new ScriptoriumError('job-unknown', `There is no job ${id.slice(0, 80)}.`);
}

/** A job as its owner sees it now. */
export async function jobAnswer(context: Context, exchange: Who, id: string): Promise<Job> {
  const { record } = await ownJob(context, exchange, id);
  return shownJob(context, id, record);
}

export const shownJob = ({ broker }: Context, id: string, record: TranscriptionRecord): Job =>
  jobOf({ id, record, position: broker.jobs.position(id), now: broker.now() });

/** Waits until the job has ended, for at most so long; whether it has. */
export async function untilEnded(
  context: Context,
  exchange: Pick<Exchange, 'caller' | 'gone'>,
  id: string,
  wait: Millis,
): Promise<boolean> {
  const { record } = await ownJob(context, exchange, id);
  if (isEnded(record)) return true;
  const late = new AbortController();
  const forget = context.clock.after(millis(wait), () => late.abort());
  const signal = AbortSignal.any([exchange.gone, context.closing, late.signal]);
  try {
    for await (const { event } of context.broker.events.follow(id, record.seq, signal)) {
      if (event.type === 'succeeded' || event.type === 'failed' || event.type === 'cancelled') return true;
    }
    return false;
  } finally {
    forget();
  }
}
