import { expect, test } from 'vitest';
import { problemOf } from '../../protocol/index.ts';
import { halfDone, madeAnswers } from '../testing/made-answers.ts';
import { madeWorld } from '../testing/made-world.ts';

const STATUS = {
  version: '9.9.9',
  ready: true,
  checks: [{ name: 'engine', ok: true }],
  default_model: 'tiny.en',
  queue: {
    leased: 3,
    dead: 0,
    classes: {
      batch: { depth: 12, limit: 100, oldest_seconds: 4.25 },
      final: { depth: 0, limit: 10, oldest_seconds: 0 },
    },
  },
  models: [{ model: 'tiny.en', segments: 40, restarts: 1 }],
};

test('status tells how the server is, in words and as JSON', async () => {
  const { fetch } = madeAnswers({ 'GET /v1/status': [200, STATUS] });
  await using world = await madeWorld({ fetch });
  expect(await world.run('status')).toEqual({
    code: 0,
    stderr: '',
    stdout: [
      'scriptorium 9.9.9 at http://127.0.0.1:8080: ready',
      'model   tiny.en',
      'work    3 under way, 0 given up',
      'queue',
      '  batch  12 of 100  oldest 4.3 s',
      'loaded',
      '  tiny.en  40 segments  1 restarts',
      '',
    ].join('\n'),
  });
  expect(JSON.parse((await world.run('status --json')).stdout)).toEqual(STATUS);
});

test('a server that is not ready says why, and that is exit code 1', async () => {
  const checks = [{ name: 'engine', ok: false, note: 'loading base' }];
  const { fetch } = madeAnswers({ 'GET /v1/status': [200, { ...STATUS, ready: false, checks }] });
  await using world = await madeWorld({ fetch });
  const { code, stdout } = await world.run('status');
  expect(code).toBe(1);
  expect(stdout).toContain('not ready (engine: loading base)\n');
});

test('nobody there is exit code 4, and so is somebody else; a wrong key is 5', async () => {
  const codeOf = async (answers: Parameters<typeof madeAnswers>[0]): Promise<readonly [number, string]> => {
    await using world = await madeWorld({ fetch: madeAnswers(answers).fetch });
    const { code, stderr } = await world.run('status --server http://speech.example:9000/base');
    return [code, stderr.split('\n')[0] ?? ''];
  };
  expect(await codeOf(null)).toEqual([4, 'error: nothing answers at http://speech.example:9000/base']);
  expect((await codeOf({ 'GET /base/v1/status': [200, '<html>'] }))[0]).toBe(4);
  expect((await codeOf({ 'GET /base/v1/status': [502, 'bad gateway'] }))[0]).toBe(4);
  const problem = problemOf({ code: 'key-invalid', message: 'The key is unknown.' });
  expect(await codeOf({ 'GET /base/v1/status': [401, problem] })).toEqual([5, 'error: The key is unknown.']);
});

test('jobs list shows every page, and the key that it was given to the server only', async () => {
  const { fetch, asked } = madeAnswers({
    'GET /v1/jobs?limit=100': [200, { object: 'list', data: [halfDone('job_2')], next: 'more' }],
    'GET /v1/jobs?limit=100&after=more': [200, { object: 'list', data: [halfDone('job_1')], next: null }],
  });
  await using world = await madeWorld({ fetch, env: { SCRIPTORIUM_API_KEY: 'secret-of-mine' } });
  const { code, stdout, stderr } = await world.run('jobs');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe(
    [
      'ID     STATUS   DONE  CREATED               FILE',
      'job_2  running  50%   2026-11-18 11:06:40Z  talk.wav',
      'job_1  running  50%   2026-11-18 11:06:40Z  talk.wav',
      '',
    ].join('\n'),
  );
  expect(asked.every((line) => line.endsWith(' Bearer secret-of-mine'))).toBe(true);
  const lines = (await world.run('jobs list --json')).stdout.trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([halfDone('job_2'), halfDone('job_1')]);
});

test('jobs list has the newest first, wherever the server has those with a key', async () => {
  const at = (id: string, created_at: string) => ({ ...halfDone(id), created_at });
  const data = [at('job_f', '2026-11-18T11:00:00.000Z'), at('job_2', '2026-11-18T13:00:00.000Z')];
  const more = [at('job_1', '2026-11-18T12:00:00.000Z')];
  const { fetch } = madeAnswers({
    'GET /v1/jobs?limit=100': [200, { object: 'list', data, next: 'more' }],
    'GET /v1/jobs?limit=100&after=more': [200, { object: 'list', data: more, next: null }],
  });
  await using world = await madeWorld({ fetch });
  const { stdout } = await world.run('jobs');
  expect(stdout.match(/^job_\w/gmu)).toEqual(['job_2', 'job_1', 'job_f']);
});

test('jobs show tells one job in full', async () => {
  const { fetch } = madeAnswers({ 'GET /v1/jobs/job_1': [200, halfDone('job_1')] });
  await using world = await madeWorld({ fetch });
  const { code, stdout } = await world.run('jobs show job_1');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^done +0:30 of 1:00$/m);
  expect(stdout).toMatch(/^time left +about 0:10$/m);
  expect(stdout).toMatch(/^case +17$/m);
});

test('cancel and retry do what they can and tell what they could not', async () => {
  const problem = problemOf({ code: 'job-ended', message: 'The job has ended already.' });
  const { fetch, asked } = madeAnswers({
    'POST /v1/jobs/job_1/cancel': [200, { ...halfDone('job_1'), status: 'cancelled' }],
    'POST /v1/jobs/job_2/cancel': [409, problem],
    'POST /v1/jobs/job_1/retry': [202, halfDone('job_3')],
  });
  await using world = await madeWorld({ fetch });
  const cancelled = await world.run('jobs cancel job_1 job_2');
  expect([cancelled.code, cancelled.stdout]).toEqual([1, 'job_1 cancelled\n']);
  expect(cancelled.stderr).toContain('error: The job has ended already.');
  expect(await world.run('jobs retry job_1')).toMatchObject({ code: 0, stdout: 'job_3 running\n' });
  expect(asked.length).toBe(3);
});

test('wrong use is told before the server is asked', async () => {
  const { fetch, asked } = madeAnswers(null);
  await using world = await madeWorld({ fetch });
  for (const line of ['jobs lst', 'jobs show', 'jobs cancel', 'jobs list job_1', 'status --server ftp://x']) {
    expect((await world.run(line)).code).toBe(2);
  }
  expect(asked).toEqual([]);
});
