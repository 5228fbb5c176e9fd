import { JOB_STATES } from '../jobs/job.ts';
import { json, pathId, problems, ref, text, type Parameter, type PathItem } from './operation.ts';

const id = pathId('Of the job.');
const header = (name: string, description: string, pattern?: string): Parameter => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string', ...(pattern === undefined ? {} : { pattern }) },
});
const query = (name: string, description: string, schema: Parameter['schema'] = text()): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});
const seconds = (most: number): Parameter['schema'] => ({ type: 'integer', minimum: 0, maximum: most });

const RESULT_FORMATS = ['json', 'verbose_json', 'native', 'text', 'srt', 'vtt', 'tsv', 'lrc', 'md'];
const GENERAL = [401, 403, 404, 500];

/** Background work: hours of audio, followed or asked about, cancelled and deleted. */
export const JOB_PATHS: Readonly<Record<string, PathItem>> = {
  '/v1/jobs': {
    post: {
      operationId: 'createJob',
      tags: ['Jobs'],
      summary: 'Transcribe a file in the background',
      description: 'A form with the file, or JSON with the address where it is. Survives a crash once it is answered.',
      parameters: [
        header(
          'Idempotency-Key',
          'Makes one job, however often it is sent; kept for as long as the job.',
          '^[!-~]{1,255}$',
        ),
        header('Prefer', '`wait=30` answers with the ended job if it ends within so many seconds, at most 60.'),
      ],
      requestBody: {
        required: true,
        content: {
          'multipart/form-data': { schema: ref('JobForm') },
          'application/json': {
            schema: ref('CreateJob'),
            example: { input: { url: 'https://example.org/talk.mp3' }, language: 'en', metadata: { ref: '42' } },
          },
        },
      },
      responses: {
        200: {
          description: 'It has ended: while the client waited, or before its key was sent again.',
          content: json(ref('Job')),
        },
        202: {
          description: 'It is accepted.',
          headers: { location: { description: 'Where the job is.', schema: text() } },
          content: json(ref('Job')),
        },
        ...problems([400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 507]),
      },
    },
    get: {
      operationId: 'listJobs',
      tags: ['Jobs'],
      summary: 'List the jobs of this key',
      description:
        'Newest first, but for jobs with an Idempotency-Key: their ids are made of the key and the list goes by ids, so they stand anywhere among the others. `created_at` tells the order.',
      parameters: [
        query('status', 'Only those in this state.', { enum: [...JOB_STATES] }),
        query('limit', 'Most jobs of a page.', { type: 'integer', minimum: 1, maximum: 100, default: 20 }),
        query('after', 'The `next` of the page before.'),
      ],
      responses: {
        200: { description: 'One page.', content: json(ref('JobList'), { object: 'list', data: [], next: null }) },
        ...problems([400, 401, 403, 500]),
      },
    },
  },
  '/v1/jobs/{id}': {
    get: {
      operationId: 'getJob',
      tags: ['Jobs'],
      summary: 'Show a job',
      parameters: [id, query('wait', 'Answer when it ends, or after so many seconds.', seconds(3600))],
      responses: {
        200: { description: 'The job.', content: json(ref('Job')) },
        304: { description: 'As If-None-Match knows it.' },
        ...problems([400, ...GENERAL]),
      },
    },
    delete: {
      operationId: 'deleteJob',
      tags: ['Jobs'],
      summary: 'Cancel a job and delete all of it, audio and text',
      parameters: [id],
      responses: { 204: { description: 'Nothing of it is left.' }, ...problems(GENERAL) },
    },
  },
  '/v1/jobs/{id}/result': {
    get: {
      operationId: 'getJobResult',
      tags: ['Jobs'],
      summary: 'Get the text',
      parameters: [
        id,
        query('format', 'What to write it in.', { enum: RESULT_FORMATS, default: 'json' }),
        query('channel', 'Only this channel, counted from 0; of several, formats other than JSON need one named.', {
          type: 'integer',
          minimum: 0,
        }),
      ],
      responses: {
        200: {
          description: 'The text; of several channels, a list under `channels` in the JSON formats.',
          content: {
            'application/json': { schema: {} },
            'text/plain': { schema: text() },
            'text/vtt': { schema: text() },
            'application/x-subrip': { schema: text() },
            'text/tab-separated-values': { schema: text() },
            'text/markdown': { schema: text() },
          },
        },
        ...problems([400, 406, 409, 413, 415, ...GENERAL, 503, 504, 507]),
      },
    },
  },
  '/v1/jobs/{id}/events': {
    get: {
      operationId: 'followJob',
      tags: ['Jobs'],
      summary: 'Follow a job: queued, started, progress, segment, succeeded, failed, cancelled',
      parameters: [
        id,
        header('Last-Event-ID', 'Go on behind the event of this number.', '^[0-9]{1,9}$'),
        query('after', 'The same, for clients that cannot set headers.', {
          type: 'integer',
          minimum: 0,
          maximum: 999_999_999,
        }),
      ],
      responses: {
        200: {
          description: 'Server-sent events; `id` is the number of the event, `data` is JSON.',
          content: { 'text/event-stream': { schema: text() } },
        },
        ...problems([400, ...GENERAL]),
      },
    },
  },
  '/v1/jobs/{id}/retry': {
    post: {
      operationId: 'retryJob',
      tags: ['Jobs'],
      summary: 'Do a job once more that failed for the server’s own reasons',
      parameters: [id],
      responses: {
        202: { description: 'The new job.', content: json(ref('Job')) },
        ...problems([409, 429, ...GENERAL, 503, 507]),
      },
    },
  },
  '/v1/jobs/{id}/cancel': {
    post: {
      operationId: 'cancelJob',
      tags: ['Jobs'],
      summary: 'Cancel a job',
      parameters: [id],
      responses: {
        200: { description: 'It is cancelled.', content: json(ref('Job')) },
        ...problems([409, ...GENERAL, 503]),
      },
    },
  },
};
