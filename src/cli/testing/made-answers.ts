/** A server's answers for tests of the command line. */
import { millis, newRecord, DEFAULT_DECODE_OPTIONS } from '../../core/index.ts';
import { jobOf, type Job } from '../../protocol/index.ts';

export interface MadeAnswers {
  readonly fetch: typeof fetch;
  /** `GET /v1/jobs`, with the key that was shown. */
  readonly asked: string[];
}

/** @param answers status and body by method and path; `null` is a server that nobody reaches. */
export function madeAnswers(answers: Readonly<Record<string, readonly [number, unknown]>> | null): MadeAnswers {
  const asked: string[] = [];
  return {
    asked,
    fetch(input, init) {
      const url = new URL(input instanceof Request ? input.url : input);
      const line = `${init?.method ?? 'GET'} ${url.pathname}${url.search}`;
      const key = new Headers(init?.headers).get('authorization');
      asked.push(key === null ? line : `${line} ${key}`);
      if (answers === null) return Promise.reject(new TypeError('fetch failed'));
      const [status, body] = answers[line] ?? [404, 'nothing here'];
      return Promise.resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }));
    },
  };
}

/** A job of which half is done. */
export function halfDone(id: string): Job {
  const request = {
    name: 'talk.wav',
    jobClass: 'batch',
    channels: 'mix',
    model: 'tiny.en',
    options: DEFAULT_DECODE_OPTIONS,
    sha256: 'ab'.repeat(32),
    bytes: 1000,
    retention: millis(86_400_000),
    metadata: { case: '17' },
  } as const;
  const record = {
    ...newRecord(request, millis(1_795_000_000_000)),
    state: 'running',
    startedAt: millis(1_795_000_001_000),
    doneMs: millis(30_000),
    totalMs: millis(60_000),
  } as const;
  return jobOf({ id, record, position: undefined, now: 1_795_000_011_000 });
}
