import { expect, test } from 'vitest';
import { loggedWork } from '../../src/brokers/index.ts';
import { millis, type Facts, type JobOutcome, type Logger } from '../../src/core/index.ts';
import { LOCAL } from './local-broker.ts';
import { claimed, jobOf } from './made-jobs.ts';

const OUTCOME: JobOutcome = { type: 'failed', code: 'job-invalid', message: 'made' };

test('tells of each job what was asked for it and what came of it', async () => {
  const lines: (readonly [string, Facts])[] = [];
  const log: Logger = {
    debug: (message, facts = {}) => void lines.push([message, facts]),
    info: () => {},
    warn: () => {},
    error: () => {},
    with: () => log,
  };
  const place = await LOCAL.place();
  try {
    const broker = loggedWork(await place.open(), log);
    await broker.jobs.put(jobOf('a'));
    expect(await broker.jobs.claim({ worker: 'idle', classes: ['final'], wait: millis(0) })).toBeNull();
    await broker.jobs.nack(await claimed(broker.jobs), { countAttempt: false });
    const lease = await claimed(broker.jobs);
    await broker.results.commit(lease, OUTCOME);
    await broker[Symbol.asyncDispose]();
    await expect(broker.results.commit(lease, OUTCOME)).rejects.toThrow('closed');

    const put = { sessionId: 'session', jobId: 'a', slot: 'a', revision: 1, class: 'batch' };
    const token = lease.token - 1;
    const leased = { sessionId: 'session', jobId: 'a', attempt: 1, worker: 'worker' };
    expect(lines).toEqual([
      ['job put', put],
      ['job put', { ...put, answer: 'queued' }],
      ['job leased', { ...leased, token }],
      ['job given back', { jobId: 'a', token }],
      ['job given back', { jobId: 'a', token, answer: true }],
      ['job leased', { ...leased, token: lease.token }],
      ['job committed', { jobId: 'a', token: lease.token }],
      ['job committed', { jobId: 'a', token: lease.token, answer: 'committed' }],
      ['job committed', { jobId: 'a', token: lease.token }],
      ['job committed', { jobId: 'a', token: lease.token, code: 'broker-closed' }],
    ]);
  } finally {
    await place.remove();
  }
});
