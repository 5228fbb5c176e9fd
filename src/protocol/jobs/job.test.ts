import { expect, test } from 'vitest';
import { millis, newRecord, samples, type TranscriptionRecord } from '../../core/index.ts';
import { PLAIN } from '../../core/testing/made-decoding.ts';
import { Job, jobOf } from './job.ts';

const options = { ...PLAIN, words: true };
const queued = newRecord(
  {
    name: 'talk.mp3',
    jobClass: 'batch',
    channels: 'mix',
    model: 'tiny.en',
    options,
    sha256: 'ab',
    bytes: 9,
    retention: millis(1000),
    metadata: { ref: '7' },
  },
  millis(0),
);
const show = (record: TranscriptionRecord, now = 0, position?: number) => jobOf({ id: 'job_1', record, position, now });

test('a job that waits says how many are ahead', () => {
  const job = show(queued, 0, 3);
  expect(job).toMatchObject({ status: 'queued', progress: { fraction: 0, queue_position: 3, eta_seconds: null } });
  expect(Job.parse(job)).toEqual(job);
});

test('a job that runs estimates its end from its speed', () => {
  const running: TranscriptionRecord = {
    ...queued,
    state: 'running',
    startedAt: millis(1000),
    doneMs: millis(30_000),
    totalMs: millis(120_000),
  };
  expect(show(running, 3000).progress).toEqual({
    audio_seconds_done: 30,
    audio_seconds_total: 120,
    fraction: 0.25,
    queue_position: null,
    eta_seconds: 6,
  });
});

test('an ended job says where its text is, until when, and why it failed', () => {
  const none = samples(0);
  const ledger = {
    received: samples(16),
    transcribed: samples(16),
    silence: none,
    suppressed: { 'no-speech': none },
    dropped: { cancelled: none, failed: none },
  };
  const ended = { ...queued, finishedAt: millis(5000), totalMs: millis(1), ledger };
  expect(show({ ...ended, state: 'succeeded' })).toMatchObject({
    result_url: '/v1/jobs/job_1/result',
    expires_at: '1970-01-01T00:00:06.000Z',
    progress: { fraction: 1 },
  });
  const failed = show({ ...ended, state: 'failed', error: { code: 'audio-damaged', message: 'Cut off.' } });
  expect(failed).toMatchObject({ result_url: null, error: { code: 'audio-damaged', detail: 'Cut off.' } });
  expect(Job.parse(failed)).toEqual(failed);
});
