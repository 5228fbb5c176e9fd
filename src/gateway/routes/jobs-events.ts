import { foldEvents, type LoggedEvent, type TranscriptionEvent, type TranscriptionRecord } from '../../core/index.ts';
import { iso, problemOf, progressOf, refusal } from '../../protocol/index.ts';
import { nativeSegment } from '../../transcript/index.ts';
import type { Context } from '../context.ts';
import { openEventStream } from '../http/event-stream.ts';
import type { Exchange, Route } from '../http/exchange.ts';
import { ownJob, shownJob } from '../work/job-state.ts';

/**
 * `GET /v1/jobs/{id}/events`: every event of a job as it comes, each with its number; `Last-Event-ID` (or `?after=`) goes on
 * behind the last that was seen. Ends with the job.
 */
export function jobEventsRoute(context: Context): Route {
  const { broker, clock, settings } = context;
  return {
    method: 'GET',
    path: '/v1/jobs/{id}/events',
    access: 'key',
    errors: 'problem',
    async handle(exchange) {
      const after = lastSeen(exchange);
      const { id, record } = await ownJob(context, exchange, exchange.params['id'] ?? '');
      const stream = openEventStream(exchange, { clock, beat: settings.beat });
      // Progress is told with what came before it, so what the client has seen already is folded too.
      let state: TranscriptionRecord = { ...record, state: 'queued', seq: 0 };
      const signal = AbortSignal.any([exchange.gone, context.closing]);
      for await (const logged of broker.events.follow(id, 0, signal)) {
        state = foldEvents(state, [logged]);
        if (logged.seq > after) {
          await stream.send({ id: logged.seq, event: nameOf(logged.event), data: dataOf(context, id, state, logged) });
        }
        if (isLast(logged.event)) break;
      }
      stream.end();
    },
  };
}

const isLast = ({ type }: TranscriptionEvent): boolean =>
  type === 'succeeded' || type === 'failed' || type === 'cancelled';

const nameOf = ({ type }: TranscriptionEvent): string => (type === 'accepted' ? 'queued' : type);

function dataOf(
  context: Context,
  id: string,
  state: TranscriptionRecord,
  { at, event }: LoggedEvent<TranscriptionEvent>,
): object {
  const common = { at: iso(at) };
  switch (event.type) {
    case 'accepted':
      return { ...common, queue_position: context.broker.jobs.position(id) ?? 0 };
    case 'started':
      return common;
    case 'progress':
      return { ...common, ...progressOf(state, undefined, at) };
    case 'segment': {
      const { channel, index, segments } = event;
      const { words } = state.request.options;
      return { ...common, channel, index, segments: segments.map((segment) => nativeSegment(segment, words)) };
    }
    case 'failed':
      return { ...common, error: problemOf(event), job: shownJob(context, id, state) };
    case 'succeeded':
    case 'cancelled':
      return { ...common, job: shownJob(context, id, state) };
  }
}

function lastSeen({ request, url }: Exchange): number {
  const given = request.headers['last-event-id'] ?? url.searchParams.get('after') ?? '0';
  if (typeof given === 'string' && /^\d{1,9}$/.test(given)) return Number(given);
  throw refusal('Last-Event-ID', 'invalid_value', 'Last-Event-ID: the number of an event.');
}
