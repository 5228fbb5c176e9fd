import { expect, test } from 'vitest';
import { violations, type History, type JobHistory, type SessionHistory, type ToldEvent } from './history.ts';

const LOG: readonly ToldEvent[] = [
  { type: 'started', seq: 1 },
  { type: 'final', seq: 2, segment: 0, text: 'one' },
  { type: 'moved', seq: 3 },
  { type: 'final', seq: 4, segment: 1, text: '' },
  { type: 'final', seq: 5, segment: 2, text: 'two' },
  {
    type: 'ended',
    seq: 6,
    reason: 'done',
    ledger: { received: 100, transcribed: 60, silence: 30, suppressed: { no_speech: 10 }, dropped: { failed: 0 } },
  },
];
const SESSION: SessionHistory = { id: 's', sent: 100, expected: ['one', 'two'], told: LOG, log: LOG };
const JOB: JobHistory = {
  id: 'j',
  expected: 'text',
  seen: [{ status: 'running' }, { status: 'succeeded', text: 'text' }, { status: 'succeeded', text: 'text' }],
};
const history = (session: Partial<SessionHistory> = {}, job: Partial<JobHistory> = {}): History => ({
  sessions: [{ ...SESSION, ...session }],
  jobs: [{ ...JOB, ...job }],
  lost: [],
  work: [],
  left: { waiting: 0, dead: 0 },
});
const without = (seq: number): readonly ToldEvent[] => LOG.filter((event) => event.seq !== seq);
const changed = (seq: number, change: object): readonly ToldEvent[] =>
  LOG.map((event) => (event.seq === seq ? { ...event, ...change } : event));
const ledger = (change: object) => changed(6, { ledger: { received: 100, transcribed: 60, silence: 40, ...change } });

test('finds nothing in a history where all is well', () => {
  expect(violations(history())).toEqual([]);
});

test.each<[string, History, string]>([
  ['a client that gave up', history({ failure: 'no' }), 'gave up'],
  ['an event twice', history({ log: changed(4, { seq: 3 }) }), 'event 3 follows event 3'],
  ['a final that is lost', history({ log: changed(5, { type: 'load' }) }), 'its finals are'],
  ['a final that nobody said', history({ log: changed(4, { text: 'made up' }) }), 'its finals are'],
  ['a final twice', history({ log: changed(4, { segment: 0 }) }), 'a second final of segment 0'],
  ['finals out of order', history({ log: changed(5, { segment: 1 }) }), 'out of order'],
  ['a final that changed', history({ told: changed(2, { text: 'other' }) }), 'told in two ways'],
  ['a final that its speaker missed', history({ told: without(5) }), 'told 2 finals of 3'],
  ['a session without an end', history({ log: without(6) }), 'did not end'],
  ['something behind the end', history({ log: [...LOG, { type: 'load', seq: 7 }] }), 'follows its end'],
  ['a session that was given up', history({ log: changed(6, { reason: 'failed' }) }), 'ended as failed'],
  ['sound that is lost', history({ log: ledger({ received: 90, silence: 30 }) }), '90 samples were received'],
  ['a ledger that does not close', history({ log: ledger({ silence: 39 }) }), 'sums up to 99'],
  ['a job without an end', history({}, { seen: [{ status: 'running' }] }), 'did not end: running'],
  ['a job that failed', history({}, { seen: [{ status: 'failed' }] }), 'ended as failed'],
  ['a job with other words', history({}, { seen: [{ status: 'succeeded', text: 'no' }] }), 'its text is'],
  [
    'a job that changed after its end',
    history({}, { seen: [...JOB.seen, { status: 'succeeded', text: 'other' }] }),
    'changed after its end',
  ],
  ['a process that ended by itself', { ...history(), lost: ['a worker ended by itself'] }, 'by itself'],
  ['a step that must not be', { ...history(), work: [{ kind: 'lease', job: 'a', token: 1 }] }, 'nobody put it'],
  ['work that nobody does', { ...history(), left: { waiting: 1, dead: 0 } }, '1 jobs still wait'],
  ['work that was given up', { ...history(), left: { waiting: 0, dead: 2 } }, '2 jobs were given up'],
])('finds %s', (_, told, what) => {
  expect(violations(told)).toContainEqual(expect.stringContaining(what));
});
