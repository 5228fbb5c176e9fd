import { expect, test } from 'vitest';
import { FIELDS, FINAL_CLOSES, type LiveEncoding, type ServerMessage } from '../../src/client/live/wire.ts';
import { startMessage } from '../../src/client/live/options.ts';
import { createClient, type Job, type JobList } from '../../src/client/index.ts';
import { ERRORS } from '../../src/core/index.ts';
import {
  CLOSE_CODES,
  LIVE_CONTROLS,
  LIVE_EVENTS,
  readLiveClientMessage,
  type Job as ServedJob,
  type JobList as ServedJobList,
  type LiveServerMessage,
} from '../../src/protocol/index.ts';

test('the client knows every message that the server sends, and what it relies on is there', () => {
  // What is assigned is what the server writes: a field that is missing or of another type fails the build.
  const asRead = (message: LiveServerMessage): ServerMessage => message;
  const asJob = (job: ServedJob): Job => job;
  const asList = (list: ServedJobList): JobList => list;
  expect([asRead, asJob, asList]).toHaveLength(3);
  expect(Object.keys(FIELDS).toSorted()).toEqual(
    [...Object.keys(LIVE_EVENTS), ...Object.keys(LIVE_CONTROLS)].toSorted(),
  );
});

test('the client comes back after the close codes that the server means so, and after no other', () => {
  const isLess = (a: number, b: number): number => a - b;
  const final = CLOSE_CODES.filter((one) => one.final && one.code !== 1000).map(({ code }) => code);
  expect([...FINAL_CLOSES.keys()].toSorted(isLess)).toEqual(final.toSorted(isLess));
});

test('the client calls worth a retry what the table of errors does', async () => {
  for (const [code, { httpStatus, retryable }] of Object.entries(ERRORS)) {
    const problem = JSON.stringify({ code, detail: 'It failed.' });
    const answer = () => Promise.resolve(new Response(problem, { status: httpStatus }));
    const { jobs } = createClient({ url: 'http://server', fetch: answer });
    await expect(jobs.get('job_1')).rejects.toMatchObject({ code, retryable });
  }
});

test('the server understands every wish of the client', () => {
  const encodings: readonly LiveEncoding[] = ['pcm_s16le', 'mulaw', 'webm'];
  for (const encoding of encodings) {
    const message = startMessage(
      {
        audio: { encoding, sample_rate: 8000, channels: 1 },
        model: 'base',
        language: 'en',
        task: 'transcribe',
        turns: { mode: 'manual', silence_ms: 400, threshold: 0.5, prefix_ms: 300, max_ms: 20_000 },
        partials: true,
        words: true,
        prompt: 'names',
        keywords: ['one'],
        metadata: { case: '17' },
        whenFull: 'gap',
        times: {},
      },
      { session_id: 'live_1', bytes: 10 },
    );
    expect(readLiveClientMessage(JSON.stringify(message))).toMatchObject({ type: 'start', model: 'base' });
  }
});
