import { ClientError } from '../errors.ts';
import { retryDelay } from '../live/backoff.ts';
import type { Platform } from '../platform.ts';
import { ask, isFields, jsonOf, lost, parsed, type ServerAddress } from './ask.ts';
import { readEventStream, type StreamEvent } from './event-stream.ts';
import { isEnd, type Job, type JobEvent, type JobList, type JobOptions } from './job.ts';
import { uploadOf, type Recording } from './upload.ts';

export type { Recording } from './upload.ts';

export interface CreateOptions extends JobOptions {
  /** Asked for again with the same key, the same job is answered. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface Cancellable {
  readonly signal?: AbortSignal;
}

/** A transcript as the server's format `verbose_json` has it; of several channels, a list under `channels`. */
export interface JobTranscript {
  readonly text?: string;
  readonly language?: string;
  readonly duration?: number;
  readonly segments?: readonly unknown[];
  readonly words?: readonly unknown[];
  readonly channels?: readonly unknown[];
}

/** Every call throws ClientError by the server's code, `server-unreachable`, or `cancelled` when its signal aborts. */
export interface JobsApi {
  create(recording: Recording, options?: CreateOptions): Promise<Job>;
  get(id: string, options?: Cancellable): Promise<Job>;
  /** Resolves with the job when it has ended, however it did; broken connections are made again. */
  wait(id: string, options?: Cancellable): Promise<Job>;
  /** Every event behind number `after`, to the last; none when that was it. Broken connections go on where they broke. */
  events(id: string, options?: Cancellable & { readonly after?: number }): AsyncIterable<JobEvent, void, undefined>;
  result(id: string, options?: Cancellable): Promise<JobTranscript>;
  /** The text in a format: `text`, `srt`, `vtt`, `tsv`, `lrc`, `md`, `verbose_json`, …; of one channel where there are several. */
  document(id: string, format: string, options?: Cancellable & { readonly channel?: number }): Promise<string>;
  cancel(id: string, options?: Cancellable): Promise<Job>;
  /** The job, its recording and its text are gone. */
  delete(id: string, options?: Cancellable): Promise<void>;
  /** A page of jobs, newest first but for those with an `Idempotency-Key`, which come anywhere. */
  list(
    options?: Cancellable & { readonly limit?: number; readonly after?: string; readonly status?: string },
  ): Promise<JobList>;
}

/** Seconds that the server holds one question for the end of a job. */
const HELD_SECONDS = 30;
/** Broken connections in a row that are made again. */
const MAX_BREAKS = 8;

export function jobsApi(address: ServerAddress, platform: Platform): JobsApi {
  const { timers, random } = platform;
  const pathOf = (id: string, below = ''): string => `v1/jobs/${encodeURIComponent(id)}${below}`;

  async function rest(attempt: number, { signal }: Cancellable): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const cancelled = (): void => {
        forget();
        reject(new ClientError('cancelled', 'the request was taken back'));
      };
      const forget = timers.after(retryDelay(attempt, random), () => {
        signal?.removeEventListener('abort', cancelled);
        resolve();
      });
      if (signal?.aborted === true) cancelled();
      else signal?.addEventListener('abort', cancelled, { once: true });
    });
  }

  /** Whether it may be tried again, after a while. @throws what it was, when not. */
  async function again(error: unknown, breaks: number, options: Cancellable): Promise<void> {
    const isWorth = error instanceof ClientError && error.retryable && error.code !== 'cancelled';
    if (!isWorth || breaks >= MAX_BREAKS) throw error;
    await rest(breaks, options);
  }

  const get = async (id: string, { signal }: Cancellable): Promise<Job> =>
    jsonOf(await ask(address, pathOf(id), { signal }, platform), isJob);

  async function* events(id: string, options: Cancellable & { readonly after?: number }): AsyncGenerator<JobEvent> {
    let last = options.after ?? 0;
    let hasEnded = false;
    for (let breaks = 0; ; breaks++) {
      try {
        const headers = { accept: 'text/event-stream', 'last-event-id': String(last) };
        const answer = await ask(address, pathOf(id, '/events'), { headers, signal: options.signal }, platform);
        if (answer.body === null) throw new ClientError('protocol-violated', 'the server sent no events');
        let hasNews = false;
        for await (const told of heeding(answer.body, options.signal)) {
          const event = eventOf(told);
          if (event === undefined || event.id <= last) continue;
          last = event.id;
          breaks = 0;
          hasNews = true;
          yield event;
          if (isEnd(event)) return;
        }
        if (!hasNews) {
          if (hasEnded) return;
          // It may have ended, and told so, since the events were asked for: they are asked for once more.
          hasEnded = (await get(id, options)).finished_at !== null;
        }
        if (hasNews || !hasEnded) throw new ClientError('server-unreachable', 'the events broke off');
      } catch (error) {
        await again(error, breaks, options);
      }
    }
  }

  async function* heeding(
    body: ReadableStream<Uint8Array>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<StreamEvent> {
    try {
      yield* readEventStream(body);
    } catch (error) {
      throw lost(address.base, error, signal);
    }
  }

  return {
    async create(recording, { idempotencyKey, signal, ...options } = {}) {
      const boundary = `scriptorium-${String(random()).slice(2)}${String(random()).slice(2)}`;
      const { headers, body } = uploadOf(recording, options, boundary);
      const once = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
      const asked = { method: 'POST', headers: { ...headers, ...once }, body, signal } as const;
      return jsonOf(await ask(address, 'v1/jobs', asked, platform), isJob);
    },
    get: (id, options = {}) => get(id, options),
    async wait(id, options = {}) {
      for (let breaks = 0; ; breaks++) {
        try {
          const path = pathOf(id, `?wait=${String(HELD_SECONDS)}`);
          const job = await jsonOf(await ask(address, path, options, platform), isJob);
          if (job.finished_at !== null) return job;
          breaks = 0;
        } catch (error) {
          await again(error, breaks, options);
        }
      }
    },
    events: (id, options = {}) => events(id, options),
    result: async (id, { signal } = {}) =>
      jsonOf(await ask(address, pathOf(id, '/result?format=verbose_json'), { signal }, platform), isTranscript),
    async document(id, format, { channel, signal } = {}) {
      const query = new URLSearchParams({ format, ...(channel === undefined ? {} : { channel: String(channel) }) });
      return (await ask(address, pathOf(id, `/result?${query.toString()}`), { signal }, platform)).text();
    },
    cancel: async (id, { signal } = {}) =>
      jsonOf(await ask(address, pathOf(id, '/cancel'), { method: 'POST', signal }, platform), isJob),
    async delete(id, { signal } = {}) {
      await ask(address, pathOf(id), { method: 'DELETE', signal }, platform);
    },
    async list({ limit, after, status, signal } = {}) {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries({ limit, after, status })) {
        if (value !== undefined) query.set(name, String(value));
      }
      return jsonOf(await ask(address, `v1/jobs?${query.toString()}`, { signal }, platform), isList);
    },
  };
}

const isJob = (value: unknown): value is Job =>
  isFields(value) && typeof value['id'] === 'string' && typeof value['status'] === 'string';
const isList = (value: unknown): value is JobList =>
  isFields(value) && Array.isArray(value['data']) && value['data'].every(isJob);
const isTranscript = (value: unknown): value is JobTranscript => isFields(value);

const EVENT_TYPES = new Set(['queued', 'started', 'progress', 'segment', 'succeeded', 'failed', 'cancelled']);
const isJobEvent = (value: { readonly type: string; readonly id: number; readonly data: unknown }): value is JobEvent =>
  EVENT_TYPES.has(value.type) && isFields(value.data) && Number.isInteger(value.id);

function eventOf({ id, event, data }: StreamEvent): JobEvent | undefined {
  const found = { type: event, id: Number(id), data: parsed(data) };
  return isJobEvent(found) ? found : undefined;
}
