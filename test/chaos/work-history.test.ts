import { expect, test } from 'vitest';
import { readStep, workViolations, type WorkStep } from './work-history.ts';

const PUT: WorkStep = { kind: 'put', job: 'a', token: 0, answer: 'queued' };
const lease = (token: number, job = 'a'): WorkStep => ({ kind: 'lease', job, token });
const commit = (token: number, answer = 'committed'): WorkStep => ({ kind: 'commit', job: 'a', token, answer });
const DONE = [PUT, lease(1), lease(2), commit(1, 'stale'), commit(2)];

test('finds nothing where a late owner is refused', () => {
  expect(workViolations(DONE)).toEqual([]);
});

test('takes what was asked and not answered for possible', () => {
  expect(
    workViolations([{ kind: 'put', job: 'a', token: 0 }, lease(1), { kind: 'commit', job: 'a', token: 1 }]),
  ).toEqual([]);
});

test.each<[string, readonly WorkStep[], string]>([
  ['a job out of nowhere', DONE.slice(1), 'nobody put it'],
  ['a job that is committed twice', [...DONE, commit(2)], 'committed 2 times'],
  ['a late owner whose outcome is taken', [PUT, lease(1), lease(2), commit(1)], 'beside a lease of token 2'],
  ['a job that is handed out after its end', [...DONE, lease(3)], 'beside a lease of token 3'],
  ['a commit without a lease', [PUT, lease(1), commit(2)], 'which nobody was given'],
  ['a token given twice', [PUT, lease(1), { ...PUT, job: 'b' }, lease(1, 'b')], 'leased under token 1, as a was'],
])('finds %s', (_, steps, what) => {
  expect(workViolations(steps)).toContainEqual(expect.stringContaining(what));
});

test('reads the steps from lines of a log', () => {
  const line = (facts: object): string => JSON.stringify({ time: 'now', level: 'debug', ...facts });
  expect(readStep(line({ message: 'job put', jobId: 'a', slot: '0', answer: 'queued' }))).toEqual(PUT);
  expect(readStep(line({ message: 'job leased', jobId: 'a', token: 1 }))).toEqual(lease(1));
  expect(readStep(line({ message: 'job committed', jobId: 'a', token: 2, answer: 'committed' }))).toEqual(commit(2));
  expect(readStep(line({ message: 'job ended', jobId: 'a' }))).toBeUndefined();
  expect(readStep('what is no line of a log')).toBeUndefined();
});
