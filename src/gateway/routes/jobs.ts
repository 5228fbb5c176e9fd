import { createHash } from 'node:crypto';
import { cancelTranscription, millis, readTranscription, ScriptoriumError, secondsToMillis } from '../../core/index.ts';
import { JOB_STATES, refusal, type Job } from '../../protocol/index.ts';
import type { Context } from '../context.ts';
import { jsonAnswer, sendAnswer } from '../http/answer.ts';
import { knowsTag } from '../http/entity-tag.ts';
import type { Exchange, Route } from '../http/exchange.ts';
import { jobAnswer, ownJob, shownJob, untilEnded } from '../work/job-state.ts';
import { readTranscripts } from '../work/follow.ts';
import { resultAnswer } from '../work/result-answer.ts';

const DEFAULT_PAGE = 20;
const MAX_PAGE = 100;
/** Jobs looked at for one page; a state that few have may need several pages, some of them short. */
const MAX_SCANNED = 1000;

/** `/v1/jobs` and what is below, but for creating and following. */
export function jobRoutes(context: Context): Route[] {
  const { clock, broker, settings } = context;
  const common = { access: 'key', errors: 'problem' } as const;
  const idOf = ({ params }: Exchange): string => params['id'] ?? '';
  const sendJob = async (exchange: Exchange): Promise<void> => {
    const job = await jobAnswer(context, exchange, idOf(exchange));
    const etag = `"${createHash('sha256').update(JSON.stringify(job)).digest('base64url').slice(0, 22)}"`;
    const isKnown = knowsTag(exchange.request, etag);
    const answer = isKnown ? { status: 304, type: '', body: '', headers: { etag } } : jsonAnswer(job, 200, { etag });
    await sendAnswer(exchange, answer, clock);
  };
  return [
    {
      ...common,
      method: 'GET',
      path: '/v1/jobs',
      handle: async (exchange) => sendAnswer(exchange, jsonAnswer(await listJobs(context, exchange)), clock),
    },
    {
      ...common,
      method: 'GET',
      path: '/v1/jobs/{id}',
      async handle(exchange) {
        const wait = wholeNumber(exchange.url, 'wait', 0, 3600);
        const longest = millis(Math.min(secondsToMillis(wait ?? 0), settings.longestWait));
        if (wait !== undefined) await untilEnded(context, exchange, idOf(exchange), longest);
        await sendJob(exchange);
      },
    },
    {
      ...common,
      method: 'GET',
      path: '/v1/jobs/{id}/result',
      async handle(exchange) {
        const { id, record } = await ownJob(context, exchange, idOf(exchange));
        if (record.state === 'failed' && record.error !== undefined) {
          throw new ScriptoriumError(record.error.code, record.error.message);
        }
        if (record.state === 'cancelled')
          throw new ScriptoriumError('job-ended', 'The job was cancelled: it has no text.');
        if (record.state !== 'succeeded') throw new ScriptoriumError('job-unfinished', `The job is ${record.state}.`);
        await sendAnswer(
          exchange,
          resultAnswer(await readTranscripts(broker.blobs, id), record.request, exchange.url),
          clock,
        );
      },
    },
    {
      ...common,
      method: 'POST',
      path: '/v1/jobs/{id}/cancel',
      async handle(exchange) {
        const { id, record } = await ownJob(context, exchange, idOf(exchange));
        const how = record.state === 'cancelled' ? 'cancelled' : await cancelTranscription(broker, id);
        if (how === 'ended') throw new ScriptoriumError('job-ended', 'The job has ended already.');
        exchange.log.info('job cancelled', { jobId: id });
        await sendJob(exchange);
      },
    },
    {
      ...common,
      method: 'DELETE',
      path: '/v1/jobs/{id}',
      async handle(exchange) {
        const { id } = await ownJob(context, exchange, idOf(exchange));
        await cancelTranscription(broker, id);
        await broker.forget(id);
        exchange.log.info('job deleted', { jobId: id });
        await sendAnswer(exchange, { status: 204, type: '', body: '' }, clock);
      },
    },
  ];
}

/** One page of the caller's jobs by id: newest first, but that those with an idempotency key stand where its hash puts them. */
async function listJobs(context: Context, { caller, url }: Exchange): Promise<object> {
  const { broker } = context;
  const limit = wholeNumber(url, 'limit', 1, MAX_PAGE) ?? DEFAULT_PAGE;
  const status = url.searchParams.get('status');
  if (status !== null && !JOB_STATES.some((state) => state === status)) {
    throw refusal('status', 'invalid_value', `status: one of ${JOB_STATES.join(', ')}.`);
  }
  const data: Job[] = [];
  let after = cursorOf(url.searchParams.get('after'));
  for (let scanned = 0; data.length < limit && scanned < MAX_SCANNED;) {
    const start = after === undefined ? {} : { after };
    const page = await broker.sessions.list({ tenant: caller.tenant, order: 'desc', limit, ...start });
    for (const { id, record } of page) {
      if (data.length >= limit) break;
      after = id;
      if (record.request.jobClass !== 'batch') continue;
      const now = (await readTranscription(broker, id))?.record;
      if (now !== undefined && (status === null || now.state === status)) data.push(shownJob(context, id, now));
    }
    scanned += page.length;
    if (page.length < limit) return { object: 'list', data, next: data.length < limit ? null : asCursor(after) };
  }
  return { object: 'list', data, next: asCursor(after) };
}

const asCursor = (id: string | undefined): string | null =>
  id === undefined ? null : Buffer.from(id).toString('base64url');

function cursorOf(given: string | null): string | undefined {
  if (given === null || given === '') return undefined;
  const id = Buffer.from(given, 'base64url').toString('utf8');
  if (!/^[\w-]{1,80}$/.test(id)) throw refusal('after', 'invalid_value', 'after: it is no cursor of this list.');
  return id;
}

/** A number of the query; undefined when it is not there. */
function wholeNumber({ searchParams }: URL, name: string, least: number, most: number): number | undefined {
  const text = searchParams.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
  throw refusal(name, 'invalid_value', `${name}: a whole number from ${String(least)} to ${String(most)}.`);
}
