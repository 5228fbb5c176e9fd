/** What gateway and aggregator both do with a transcription, over the broker's ports. */
import { foldEvents, isEnded, ledgerOf } from './fold-events.ts';
import { JOBS_VERSION, prepareJobId, transcriptKey, uploadKey, PREPARE_SLOT, type PrepareJob } from './jobs.ts';
import type { Broker } from './ports/broker.ts';
import type { JobSpec } from './ports/job-queue.ts';
import type { Versioned } from './ports/session-store.ts';
import type { TranscriptionRecord } from './transcription-record.ts';
import { ERRORS } from './errors.ts';
import { ScriptoriumError } from './scriptorium-error.ts';

/** Events read at once. */
const PAGE = 500;

/** The ports that a transcription's state lives in. */
export type TranscriptionStores = Pick<Broker, 'sessions' | 'events'>;

/** The record with all its events: the stored snapshot may be some events behind. Undefined when there is none. */
export async function readTranscription(
  { sessions, events }: TranscriptionStores,
  id: string,
): Promise<Versioned<TranscriptionRecord> | undefined> {
  const found = await sessions.read(id);
  if (found === undefined || isEnded(found.record)) return found;
  let { record } = found;
  for (;;) {
    const page = await events.read(id, record.seq, PAGE);
    if (page.length === 0) return { ...found, record };
    record = foldEvents(record, page);
  }
}

/**
 * Tells that work on a transcription has begun, unless that was told before.
 *
 * @throws ScriptoriumError `cancelled` when it has ended, or is not there any more.
 */
export async function beginTranscription(stores: TranscriptionStores, id: string): Promise<void> {
  for (;;) {
    const found = await readTranscription(stores, id);
    if (found === undefined || isEnded(found.record)) throw new ScriptoriumError('cancelled', `${id} has ended`);
    if (found.record.state !== 'queued') return;
    const { status } = await stores.events.append(id, found.record.seq, [{ type: 'started' }]);
    if (status === 'ok') return;
  }
}

/** The job that a new transcription begins with; putting it again is a `duplicate`. */
export const prepareJob = ({
  id,
  tenant,
  record,
}: Omit<Versioned<TranscriptionRecord>, 'version'>): JobSpec<PrepareJob> => ({
  id: prepareJobId(id),
  session: id,
  tenant,
  jobClass: record.request.jobClass,
  slot: PREPARE_SLOT,
  revision: 1,
  body: {
    v: JOBS_VERSION,
    type: 'prepare',
    session: id,
    blob: uploadKey(id),
    name: record.request.name,
    channels: record.request.channels,
    model: record.request.model,
    options: record.request.options,
  },
});

/**
 * The same work once more, for a transcription whose jobs or results were lost: segments that have a job or a result are found there.
 * The same for the same `seq`: what did not help once does not help again.
 */
export const prepareAgainJob = (found: Omit<Versioned<TranscriptionRecord>, 'version'>): JobSpec<PrepareJob> => {
  const again = `again/${found.record.seq}`;
  const job = prepareJob(found);
  return { ...job, id: `${job.id}/${again}`, slot: `${PREPARE_SLOT}/${again}` };
};

/**
 * What follows the last event, each step as often as one likes: jobs that are left are cancelled, audio and upload deleted (the
 * upload only when it can't be of use any more), the webhook is put in line, and the record is kept for as long as its text is.
 *
 * @throws ScriptoriumError `queue-full` when no webhook can be taken now: try again later.
 */
export async function settleTranscription(broker: Broker, id: string): Promise<void> {
  const found = await readTranscription(broker, id);
  if (found === undefined || !isEnded(found.record)) return;
  await broker.jobs.cancelSession(id);
  await broker.audio.drop(id);
  if (!isWorthARetry(found.record)) await broker.blobs.remove(uploadKey(id));
  // One was written when it was cancelled just before its last event.
  if (found.record.state !== 'succeeded') await broker.blobs.remove(transcriptKey(id));
  await announce(broker, found);
  await keep(broker, id);
}

/** Whether it failed for no reason that lies in the file: its upload is kept, so that it can be tried again. */
export const isWorthARetry = ({ state, error }: Pick<TranscriptionRecord, 'state' | 'error'>): boolean =>
  state === 'failed' && error !== undefined && ERRORS[error.code].httpStatus >= SERVER_AT_FAULT;

/** RFC 9110, section 15.6. */
const SERVER_AT_FAULT = 500;

async function announce({ webhooks }: Broker, { id, tenant, record }: Versioned<TranscriptionRecord>): Promise<void> {
  const { webhook } = record.request;
  if (webhook === undefined) return;
  const webhookId = `${id}/webhook`;
  const put = await webhooks.put({
    id: webhookId,
    session: id,
    tenant,
    jobClass: 'batch',
    slot: 'webhook',
    revision: 1,
    maxAttempts: WEBHOOK_ATTEMPTS,
    body: { v: JOBS_VERSION, type: 'webhook', session: id, url: webhook.url, webhookId },
  });
  if (put === 'full') throw new ScriptoriumError('queue-full', 'no more webhooks can be taken now');
}

/** Saves the last state, with which the time to live begins; others may be doing the same. */
async function keep(broker: Broker, id: string): Promise<void> {
  for (;;) {
    const stored = await broker.sessions.read(id);
    if (stored === undefined || isEnded(stored.record)) return;
    const whole = await readTranscription(broker, id);
    if (whole === undefined || !isEnded(whole.record)) return;
    const { retention } = whole.record.request;
    if ((await broker.sessions.save(id, stored.version, whole.record, retention)) !== 'conflict') return;
  }
}

/** One at once, and one for each wait of the schedule of webhooks. */
export const WEBHOOK_ATTEMPTS = 9;

/**
 * Ends a transcription for good, whatever is under way. `ended`: its last event was told before.
 *
 * @throws ScriptoriumError `queue-full` as `settleTranscription`; it is cancelled all the same.
 */
export async function cancelTranscription(broker: Broker, id: string): Promise<'cancelled' | 'ended' | 'unknown'> {
  for (;;) {
    const found = await readTranscription(broker, id);
    if (found === undefined) return 'unknown';
    const { record } = found;
    if (isEnded(record)) return 'ended';
    const event = { type: 'cancelled', ledger: ledgerOf(record.work, 'cancelled') } as const;
    const { status } = await broker.events.append(id, record.seq, [event]);
    if (status === 'conflict') continue;
    await settleTranscription(broker, id);
    return 'cancelled';
  }
}
