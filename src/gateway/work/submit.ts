import { createHash } from 'node:crypto';
import {
  JOBS_VERSION,
  newRecord,
  prepareJob,
  ScriptoriumError,
  type Broker,
  type TranscriptionRecord,
  type TranscriptionRequest,
} from '../../core/index.ts';

/** The stores that a new transcription is written to. */
export type SubmitStores = Pick<Broker, 'sessions' | 'events' | 'jobs' | 'forget' | 'now'>;

export interface Submission {
  readonly id: string;
  readonly tenant: string;
  readonly request: TranscriptionRequest;
}

/**
 * Makes a transcription out of an upload that stands in the blob store already: when it resolves, a crash loses nothing. Doing
 * it again with the same id changes nothing.
 *
 * @returns its record as it was made, though a worker may have begun by now; or the one that was there.
 * @throws ScriptoriumError `queue-full`; nothing is left of it then.
 */
export async function submitTranscription(
  stores: SubmitStores,
  { id, tenant, request }: Submission,
): Promise<TranscriptionRecord> {
  const record = newRecord(request, stores.now());
  const created = await stores.sessions.create(id, tenant, record);
  if (created.status === 'exists') return created.record;
  await stores.events.append(id, 0, [{ type: 'accepted' }]);
  if ((await stores.jobs.put(prepareJob({ id, tenant, record }))) === 'full') {
    await stores.forget(id);
    throw new ScriptoriumError('queue-full', 'The queue is full.', { details: { retryAfter: RETRY_FULL } });
  }
  return record;
}

/** Seconds after which a full queue may have room. */
const RETRY_FULL = 5;

/** Equal for requests of one tenant that ask for the same of the same bytes. Hex. */
export const fingerprint = (tenant: string, request: TranscriptionRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([JOBS_VERSION, tenant, sorted(request)]))
    .digest('hex');

/** With the names of every object in order; the name of the file says nothing about the work. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== 'name' && name !== 'retention');
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, sorted(one)]));
}
