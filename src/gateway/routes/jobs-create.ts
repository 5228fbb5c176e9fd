import {
  isEnded,
  millis,
  ScriptoriumError,
  secondsToMillis,
  uploadKey,
  type TranscriptionRecord,
} from '../../core/index.ts';
import { idempotencyKey, preferredWait } from '../../protocol/index.ts';
import { admit } from '../access/admit.ts';
import type { Context } from '../context.ts';
import { jsonAnswer, sendAnswer } from '../http/answer.ts';
import type { Exchange, Route } from '../http/exchange.ts';
import { newId } from '../new-id.ts';
import { jobAnswer, shownJob, untilEnded } from '../work/job-state.ts';
import { fingerprint, submitTranscription } from '../work/submit.ts';
import { idempotentId, takeJob } from '../work/take-job.ts';
import { watchJob } from '../work/watch-job.ts';

/** Seconds after which a look at a new job is worth while. */
const RETRY_SECONDS = 2;

/** `POST /v1/jobs`: takes a recording, and answers at once, or when it is done within `Prefer: wait`. */
export function jobCreateRoute(context: Context): Route {
  const oneByOne = createTurns();
  return {
    method: 'POST',
    path: '/v1/jobs',
    access: 'key',
    errors: 'problem',
    async handle(exchange) {
      const header = exchange.request.headers['idempotency-key'];
      const admission = admit(context, exchange, 'batch');
      try {
        if (header === undefined) {
          const id = newId('job', context.broker.now(), context.random);
          const made = await create(context, exchange, id);
          await answer(context, exchange, id, made);
          watchJob(context, id, admission);
          return;
        }
        const id = idempotentId(exchange.caller.tenant, idempotencyKey(String(header)));
        const made = await oneByOne(id, () => createOnce(context, exchange, id));
        await answer(context, exchange, id, made);
        if (made === undefined) admission.release();
        else watchJob(context, id, admission);
      } catch (error) {
        admission.release();
        throw error;
      } finally {
        admission.uploaded();
      }
    },
  };
}

async function create(context: Context, exchange: Exchange, id: string): Promise<TranscriptionRecord> {
  const { tenant } = exchange.caller;
  const request = await takeJob(context, exchange, id);
  const made = await submitTranscription(context.broker, { id, tenant, request });
  exchange.log.info('job accepted', { jobId: id, bytes: request.bytes });
  return made;
}

/** Makes the job, or finds it (undefined): then the same must be asked for. */
async function createOnce(context: Context, exchange: Exchange, id: string): Promise<TranscriptionRecord | undefined> {
  const { broker, random } = context;
  const { tenant } = exchange.caller;
  const known = await broker.sessions.read(id);
  if (known === undefined) {
    return create(context, exchange, id);
  }
  const scratch = newId('upload', broker.now(), random);
  const request = await takeJob(context, exchange, scratch);
  await broker.blobs.remove(uploadKey(scratch));
  if (fingerprint(tenant, request) !== fingerprint(tenant, known.record.request)) {
    throw new ScriptoriumError('idempotency-key-reused', 'This Idempotency-Key was used for another request.');
  }
  return undefined;
}

/** @param made shown as it was made, queued, to whoever doesn't wait: whether a worker has begun by now is luck. */
async function answer(
  context: Context,
  exchange: Exchange,
  id: string,
  made: TranscriptionRecord | undefined,
): Promise<void> {
  const { clock, settings } = context;
  const asked = preferredWait(headerText(exchange.request.headers['prefer']));
  const wait = asked === undefined ? undefined : millis(Math.min(secondsToMillis(asked), settings.longestWait));
  const headers = {
    location: `/v1/jobs/${id}`,
    ...(made === undefined ? { 'idempotency-replayed': 'true' } : {}),
    ...(wait === undefined ? {} : { 'preference-applied': `wait=${String(wait / 1000)}` }),
  };
  if (wait !== undefined) await untilEnded(context, exchange, id, wait);
  const isFresh = wait === undefined && made !== undefined;
  const job = isFresh ? shownJob(context, id, made) : await jobAnswer(context, exchange, id);
  const hasEnded = isEnded({ state: job.status });
  const more = hasEnded ? headers : { ...headers, 'retry-after': String(RETRY_SECONDS) };
  await sendAnswer(exchange, jsonAnswer(job, hasEnded ? 200 : 202, more), clock);
}

const headerText = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header;

/** Runs what has the same name one after the other. */
function createTurns(): <T>(name: string, run: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (name, run) => {
    const before = last.get(name);
    const mine = (async () => {
      await before?.catch(() => {});
      return run();
    })();
    last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}
