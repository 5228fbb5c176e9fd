import { expect } from 'vitest';
import type { JobClass } from '../../src/core/index.ts';
import { LOW_EVERY, millis } from '../../src/core/index.ts';
import type { Rule } from './contract.ts';
import { port } from './contract.ts';
import { claim, claimed, drain, jobOf, putAll } from './made-jobs.ts';
import type { Jobs } from './made-jobs.ts';

const ORDER: readonly JobClass[] = ['final', 'partial', 'interactive', 'batch'];

/** Jobs `<class>-0` to `<class>-<count - 1>` of each class, the least urgent first. */
const putClasses = (jobs: Jobs, count: number, classes = ORDER): Promise<void> =>
  putAll(
    jobs,
    classes
      .toReversed()
      .flatMap((jobClass) => Array.from({ length: count }, (_, index) => jobOf(`${jobClass}-${index}`, { jobClass }))),
  );

const classOf = (id: string): string => id.split('-')[0] ?? '';

/** A queue whose jobs all have one class, or one tenant. */
const flattened = (change: { readonly jobClass?: JobClass; readonly tenant?: string }) =>
  port('jobs', (jobs) => ({ put: (spec) => jobs.put({ ...spec, ...change }) }));

/** Who goes first: classes, tenants, and what nobody wants any more. */
export const classRules: readonly Rule[] = [
  {
    title: 'hands out the most urgent class first',
    async check({ broker }) {
      const { jobs } = broker();
      await putClasses(jobs, 1);
      expect((await drain(jobs)).map(classOf)).toEqual(ORDER);
    },
    broken: { how: 'knows no classes', breaking: flattened({ jobClass: 'batch' }) },
  },
  {
    title: 'lets each lower class go first once in so many jobs, while more urgent ones wait',
    async check({ broker }) {
      const { jobs } = broker();
      await putClasses(jobs, 60);
      const classes = (await drain(jobs, 60)).map(classOf);
      for (let start = 0; start + LOW_EVERY <= classes.length; start++) {
        expect(new Set(classes.slice(start, start + LOW_EVERY))).toEqual(new Set(ORDER));
      }
      expect(classes.filter((name) => name === 'final').length).toBeGreaterThanOrEqual(30);
    },
    broken: {
      how: 'strict order only',
      breaking: port('jobs', (jobs) => ({
        claim: async (options) => {
          for (const jobClass of ORDER) {
            const lease = await jobs.claim({ ...options, classes: [jobClass], wait: millis(0) });
            if (lease !== null) return lease;
          }
          return null;
        },
      })),
    },
  },
  {
    title: 'hands out only jobs of the classes that are asked for',
    async check({ broker }) {
      const { jobs } = broker();
      await putClasses(jobs, 1);
      const only = async (...classes: readonly JobClass[]) =>
        (await jobs.claim({ worker: 'worker', classes, wait: millis(0) }))?.jobClass;
      expect(await only('batch')).toBe('batch');
      expect(await only('batch')).toBeUndefined();
      expect(await only('batch', 'partial')).toBe('partial');
    },
    broken: {
      how: 'does not look at what is asked for',
      breaking: port('jobs', (jobs) => ({ claim: ({ worker, wait }) => jobs.claim({ worker, wait }) })),
    },
  },
  {
    title: 'lets tenants of a class take turns, however much one of them has put',
    async check({ broker }) {
      const { jobs } = broker();
      const many = Array.from({ length: 50 }, (_, index) => jobOf(`many-${index}`, { tenant: 'many' }));
      await putAll(jobs, [...many, jobOf('few-0', { tenant: 'few' }), jobOf('few-1', { tenant: 'few' })]);
      const ids = await drain(jobs, 5);
      expect(ids.filter((id) => classOf(id) === 'few')).toEqual(['few-0', 'few-1']);
    },
    broken: { how: 'first come, first served', breaking: flattened({ tenant: 'all' }) },
  },
  {
    title: 'tells how many jobs of its class go before those of a session',
    async check({ broker }) {
      const { jobs } = broker();
      const many = Array.from({ length: 9 }, (_, index) => jobOf(`many-${index}`, { tenant: 'many', session: 'a' }));
      await putAll(jobs, [
        ...many,
        jobOf('few', { tenant: 'few', session: 'b' }),
        jobOf('last', { tenant: 'many', session: 'c' }),
      ]);
      expect(['a', 'b', 'c', 'none'].map((session) => jobs.position(session))).toEqual([0, 1, 10, undefined]);
      await drain(jobs, 2);
      expect(jobs.position('c')).toBe(8);
    },
    broken: { how: 'always says that it is next', breaking: port('jobs', () => ({ position: () => 0 })) },
  },
  {
    title: 'knows an id while it waits and while it is leased, and for a while after it is done',
    async check({ broker, bounds, pass }) {
      const { jobs } = broker();
      await jobs.put(jobOf('a'));
      expect(await jobs.put(jobOf('a'))).toBe('duplicate');
      const lease = await claimed(jobs);
      expect(await jobs.put(jobOf('a'))).toBe('duplicate');
      await jobs.ack(lease);
      await pass(bounds.remember - 1);
      expect(await jobs.put(jobOf('a'))).toBe('duplicate');
      await pass(1);
      expect(await jobs.put(jobOf('a'))).toBe('queued');
    },
    broken: {
      how: 'forgets an id when it is done',
      breaking: port('jobs', (jobs) => {
        let round = 0;
        return {
          put: (spec) => jobs.put({ ...spec, id: `${spec.id}-${round}` }),
          ack: async (lease) => {
            round++;
            return jobs.ack(lease);
          },
        };
      }),
    },
  },
  {
    title: 'remembers after a restart which ids are done',
    async check({ broker, restart, bounds, pass }) {
      const before = broker().jobs;
      await before.put(jobOf('a'));
      await before.ack(await claimed(before));
      const { jobs } = await restart();
      expect(await jobs.put(jobOf('a'))).toBe('duplicate');
      await pass(bounds.remember);
      expect(await jobs.put(jobOf('a'))).toBe('queued');
    },
    broken: {
      how: 'knows done ids in memory only',
      breaking: (broker) => {
        const born = broker.now() + Math.random();
        return port('jobs', (jobs) => ({ put: (spec) => jobs.put({ ...spec, id: `${spec.id}-${born}` }) }))(broker);
      },
    },
  },
  {
    title: 'removes a cancelled job that waits or is delayed, and does not know another',
    async check({ broker, pass }) {
      const { jobs } = broker();
      await putAll(jobs, [jobOf('waits'), jobOf('delayed', { delay: millis(100) }), jobOf('stays')]);
      expect(await jobs.cancel('waits')).toBe('removed');
      expect(await jobs.cancel('delayed')).toBe('removed');
      expect(await jobs.cancel('waits')).toBe('unknown');
      await pass(100);
      expect(await drain(jobs)).toEqual(['stays']);
    },
    broken: {
      how: 'says so and does nothing',
      breaking: port('jobs', () => ({ cancel: async () => 'removed' })),
    },
  },
  {
    title: 'tells the worker of a cancelled job at its next extend, and hands the job out no more',
    async check({ broker, bounds, pass }) {
      const { jobs } = broker();
      await putAll(jobs, [jobOf('given back'), jobOf('lost')]);
      const [first, second] = [await claimed(jobs), await claimed(jobs)];
      expect([await jobs.cancel(first.id), await jobs.cancel(second.id)]).toEqual(['signalled', 'signalled']);
      expect(await jobs.extend(first)).toBe('cancelled');
      expect(await jobs.nack(first)).toBe(true);
      await pass(bounds.lease);
      expect(await claim(jobs)).toBeNull();
      expect(await jobs.dead(10)).toEqual([]);
    },
    broken: {
      how: 'does not reach a leased job',
      breaking: port('jobs', (jobs) => ({
        cancel: async (id) => (jobs.stats().leased > 0 ? 'signalled' : jobs.cancel(id)),
      })),
    },
  },
  {
    title: 'remembers through a restart that a leased job was cancelled, and does not hand it out',
    async check({ broker, restart }) {
      const before = broker().jobs;
      await putAll(before, [jobOf('cancelled'), jobOf('other')]);
      await claimed(before);
      await before.cancel('cancelled');
      const { jobs } = await restart();
      expect(await drain(jobs)).toEqual(['other']);
    },
    broken: {
      how: 'forgets whom it told',
      breaking: port('jobs', (jobs) => ({
        cancel: async (id) => (jobs.stats().leased > 0 ? 'signalled' : jobs.cancel(id)),
      })),
    },
  },
  {
    title: 'cancels every job of a session and none of another',
    async check({ broker }) {
      const { jobs } = broker();
      await putAll(jobs, [
        jobOf('leased', { session: 'one' }),
        jobOf('waits', { session: 'one' }),
        jobOf('delayed', { session: 'one', delay: millis(100) }),
        jobOf('other', { session: 'two' }),
      ]);
      const lease = await claimed(jobs);
      expect(await jobs.cancelSession('one')).toBe(3);
      expect(await jobs.extend(lease)).toBe('cancelled');
      expect(await drain(jobs)).toEqual(['other']);
      expect(jobs.stats().delayed).toBe(0);
    },
    broken: {
      how: 'cancels those that wait',
      breaking: port('jobs', (jobs) => ({
        cancelSession: async () => {
          await jobs.cancel('waits');
          await jobs.cancel('delayed');
          return 3;
        },
      })),
    },
  },
  {
    title: 'tells whether a session has jobs that wait, are delayed or leased',
    async check({ broker }) {
      const { jobs } = broker();
      await putAll(jobs, [jobOf('a', { session: 'one' }), jobOf('b', { session: 'two', delay: millis(100) })]);
      const are = (): Promise<readonly boolean[]> =>
        Promise.all(['one', 'two', 'none'].map((session) => jobs.isWorkedOn(session)));
      expect(await are()).toEqual([true, true, false]);
      const lease = await claimed(jobs);
      expect(await are()).toEqual([true, true, false]);
      await jobs.ack(lease);
      expect(await are()).toEqual([false, true, false]);
    },
    broken: {
      how: 'knows those that wait',
      breaking: port('jobs', (jobs) => ({ isWorkedOn: async (session) => jobs.position(session) !== undefined })),
    },
  },
  {
    title: 'drops a job that is past its time when its turn comes, and counts it',
    async check({ broker, pass }) {
      const { jobs } = broker();
      const now = broker().now();
      await putAll(jobs, [
        jobOf('late', { notAfter: millis(now + 100) }),
        jobOf('still wanted', { notAfter: millis(now + 101) }),
      ]);
      await pass(101);
      expect(await drain(jobs)).toEqual(['still wanted']);
      expect(jobs.stats().expired).toBe(1);
    },
    broken: {
      how: 'does not look at the time',
      breaking: port('jobs', (jobs) => ({ put: ({ notAfter: _notAfter, ...spec }) => jobs.put(spec) })),
    },
  },
];
