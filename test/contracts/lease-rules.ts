import { expect } from 'vitest';
import { DEFAULT_ATTEMPTS, millis } from '../../src/core/index.ts';
import type { Rule } from './contract.ts';
import { port } from './contract.ts';
import { claim, claimed, drain, jobOf, putAll } from './made-jobs.ts';

/** Owning a job: leases, giving back, dead letters. */
export const leaseRules: readonly Rule[] = [
  {
    title: 'hands a job out again, as the next attempt, when its lease runs out',
    async check({ broker, bounds, pass }) {
      const { jobs } = broker();
      await jobs.put(jobOf('a'));
      await claimed(jobs);
      await pass(bounds.lease - 1);
      expect(await claim(jobs)).toBeNull();
      await pass(1);
      expect(await claimed(jobs)).toMatchObject({ id: 'a', attempt: 2 });
      expect(jobs.stats().leasesLost).toBe(1);
    },
    broken: {
      how: 'acks what it hands out',
      breaking: port('jobs', (jobs) => ({
        claim: async (options) => {
          const lease = await jobs.claim(options);
          if (lease !== null) await jobs.ack(lease);
          return lease;
        },
      })),
    },
  },
  {
    title: 'wakes a waiting claim when the lease of another runs out, or a delay is over',
    async check({ broker, bounds, pass }) {
      const { jobs } = broker();
      await putAll(jobs, [jobOf('leased'), jobOf('delayed', { delay: millis(bounds.lease * 1.5) })]);
      await claimed(jobs);
      const first = claim(jobs, millis(1_000_000));
      const second = claim(jobs, millis(1_000_000));
      await pass(bounds.lease);
      expect((await first)?.id).toBe('leased');
      await pass(bounds.lease / 2);
      expect((await second)?.id).toBe('delayed');
    },
    broken: {
      how: 'looks when something is put only',
      breaking: port('jobs', (jobs) => ({
        claim: async (options) => (await jobs.claim({ ...options, wait: millis(0) })) ?? null,
      })),
    },
  },
  {
    title: 'keeps a lease as long as it is extended in time',
    async check({ broker, bounds, pass }) {
      const { jobs } = broker();
      await jobs.put(jobOf('a'));
      const lease = await claimed(jobs);
      for (let round = 0; round < 5; round++) {
        await pass(bounds.lease - 1);
        expect(await jobs.extend(lease)).toBe('ok');
      }
      expect(await claim(jobs)).toBeNull();
      expect(await jobs.ack(lease)).toBe(true);
    },
    broken: { how: 'says ok and does nothing', breaking: port('jobs', () => ({ extend: async () => 'ok' })) },
  },
  {
    title: 'refuses ack, nack and extend of a lease that was lost, and the new owner notices nothing',
    async check({ broker, bounds, pass }) {
      const { jobs } = broker();
      await jobs.put(jobOf('a'));
      const late = await claimed(jobs);
      await pass(bounds.lease);
      expect(await jobs.extend(late)).toBe('lost');
      const owner = await claimed(jobs);
      expect(await jobs.ack(late)).toBe(false);
      expect(await jobs.nack(late)).toBe(false);
      expect(await jobs.extend(late)).toBe('lost');
      expect(await jobs.extend(owner)).toBe('ok');
      expect(await jobs.ack(owner)).toBe(true);
    },
    broken: {
      how: 'asks for the id only',
      breaking: port('jobs', (jobs) => {
        const newest = new Map<string, number>();
        return {
          claim: async (options) => {
            const lease = await jobs.claim(options);
            if (lease !== null) newest.set(lease.id, lease.token);
            return lease;
          },
          ack: ({ id, token }) => jobs.ack({ id, token: newest.get(id) ?? token }),
        };
      }),
    },
  },
  {
    title: 'gives every lease a higher token than all before it, across restarts',
    async check({ broker, restart }) {
      await putAll(
        broker().jobs,
        ['a', 'b', 'c', 'd'].map((id) => jobOf(id)),
      );
      const tokens = [(await claimed(broker().jobs)).token, (await claimed(broker().jobs)).token];
      const { jobs } = await restart();
      tokens.push((await claimed(jobs)).token, (await claimed(jobs)).token);
      expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
      expect(new Set(tokens).size).toBe(4);
    },
    broken: {
      how: 'counts from one again',
      breaking: (broker) => {
        let last = 0;
        return port('jobs', (jobs) => ({
          claim: async (options) => {
            const lease = await jobs.claim(options);
            return lease === null ? null : { ...lease, token: ++last };
          },
        }))(broker);
      },
    },
  },
  {
    title: 'takes an ack once',
    async check({ broker }) {
      const { jobs } = broker();
      await jobs.put(jobOf('a'));
      const lease = await claimed(jobs);
      expect(await Promise.all([jobs.ack(lease), jobs.ack(lease)])).toEqual([true, false]);
      expect(await jobs.nack(lease)).toBe(false);
    },
    broken: {
      how: 'says yes to every ack',
      breaking: port('jobs', (jobs) => ({ ack: async (lease) => (await jobs.ack(lease)) || true })),
    },
  },
  {
    title: 'hands a job that was given back out first, as the next attempt',
    async check({ broker }) {
      const { jobs } = broker();
      await putAll(jobs, [jobOf('a'), jobOf('b')]);
      expect(await jobs.nack(await claimed(jobs))).toBe(true);
      expect(await claimed(jobs)).toMatchObject({ id: 'a', attempt: 2 });
      expect((await claimed(jobs)).id).toBe('b');
    },
    broken: {
      how: 'puts it last',
      breaking: port('jobs', (jobs) => ({ nack: (lease) => jobs.nack(lease, { delay: millis(1) }) })),
    },
  },
  {
    title: 'hands a job out again only when the delay that it was given back with is over',
    async check({ broker, pass }) {
      const { jobs } = broker();
      await jobs.put(jobOf('a'));
      await jobs.nack(await claimed(jobs), { delay: millis(300) });
      await pass(299);
      expect(await claim(jobs)).toBeNull();
      await pass(1);
      expect(await claimed(jobs)).toMatchObject({ id: 'a', attempt: 2 });
    },
    broken: {
      how: 'takes no delay',
      breaking: port('jobs', (jobs) => ({ nack: (lease) => jobs.nack(lease) })),
    },
  },
  {
    title: 'does not count an attempt that was given back uncounted',
    async check({ broker }) {
      const { jobs } = broker();
      await jobs.put(jobOf('a', { maxAttempts: 1 }));
      for (let round = 0; round < 5; round++) {
        const lease = await claimed(jobs);
        expect(lease.attempt).toBe(1);
        await jobs.nack(lease, { countAttempt: false });
      }
    },
    broken: {
      how: 'counts every attempt',
      breaking: port('jobs', (jobs) => ({ nack: (lease) => jobs.nack(lease) })),
    },
  },
  {
    title: 'holds a job back for the delay that it was put with',
    async check({ broker, pass }) {
      const { jobs } = broker();
      await putAll(jobs, [jobOf('late', { delay: millis(500) }), jobOf('now')]);
      expect((await claimed(jobs)).id).toBe('now');
      await pass(499);
      expect(await claim(jobs)).toBeNull();
      await pass(1);
      expect((await claimed(jobs)).id).toBe('late');
    },
    broken: {
      how: 'takes no delay',
      breaking: port('jobs', (jobs) => ({ put: ({ delay: _delay, ...spec }) => jobs.put(spec) })),
    },
  },
  {
    title: 'makes a job without attempts left a dead letter with its reason, and requeues it with all of them',
    async check({ broker, bounds, pass }) {
      const { jobs } = broker();
      await putAll(jobs, [jobOf('nacked'), jobOf('lost', { maxAttempts: 1 })]);
      for (let attempt = 1; attempt <= DEFAULT_ATTEMPTS; attempt++) {
        await jobs.nack(await claimed(jobs), { reason: `reason ${attempt}` });
      }
      await claimed(jobs);
      await pass(bounds.lease);
      expect(await claim(jobs)).toBeNull();
      expect(await jobs.dead(10)).toMatchObject([
        { id: 'lost', attempts: 1, session: 'session', tenant: 'tenant' },
        { id: 'nacked', attempts: DEFAULT_ATTEMPTS, reason: `reason ${DEFAULT_ATTEMPTS}` },
      ]);
      expect(jobs.stats().dead).toBe(2);
      expect(await jobs.requeueDead('nacked')).toBe(true);
      expect(await jobs.requeueDead('nacked')).toBe(false);
      expect(await claimed(jobs)).toMatchObject({ ...jobOf('nacked'), attempt: 1 });
    },
    broken: {
      how: 'tries for ever',
      breaking: port('jobs', (jobs) => ({ put: (spec) => jobs.put({ ...spec, maxAttempts: 1000 }) })),
    },
  },
  {
    title: 'makes a job a dead letter at once when its worker asks for it',
    async check({ broker }) {
      const { jobs } = broker();
      await jobs.put(jobOf('a'));
      await jobs.nack(await claimed(jobs), { dead: true, reason: 'no such model' });
      expect(await claim(jobs)).toBeNull();
      expect(await jobs.dead(10)).toMatchObject([{ id: 'a', attempts: 1, reason: 'no such model' }]);
    },
    broken: {
      how: 'tries again all the same',
      breaking: port('jobs', (jobs) => ({ nack: (lease) => jobs.nack(lease) })),
    },
  },
  {
    title: 'goes on with other jobs while one keeps failing',
    async check({ broker, pass, bounds }) {
      const { jobs } = broker();
      await putAll(
        jobs,
        ['poison', 'b', 'c'].map((id) => jobOf(id)),
      );
      const done: string[] = [];
      for (let turn = 0; turn < 12; turn++) {
        const lease = await claim(jobs);
        if (lease === null || lease.id === 'poison') await pass(bounds.lease);
        else if (await jobs.ack(lease)) done.push(lease.id);
      }
      expect(done).toEqual(['b', 'c']);
      expect((await jobs.dead(10)).map(({ id }) => id)).toEqual(['poison']);
    },
    broken: {
      how: 'hands the same job out until it is done',
      breaking: port('jobs', (jobs) => ({ put: (spec) => jobs.put({ ...spec, maxAttempts: 1000 }) })),
    },
  },
  {
    title:
      'takes up after a restart what waited, was delayed, dead or leased, and an interrupted attempt does not count',
    async check({ broker, restart, pass }) {
      const before = broker().jobs;
      await putAll(before, [
        jobOf('dead', { maxAttempts: 1 }),
        jobOf('leased', { maxAttempts: 1 }),
        jobOf('first'),
        jobOf('second', { jobClass: 'interactive', tenant: 'other' }),
        jobOf('delayed', { delay: millis(700) }),
      ]);
      await claimed(before).then((lease) => before.ack(lease));
      await before.nack(await claimed(before), { dead: true, reason: 'why' });
      expect((await claimed(before)).id).toBe('leased');
      const { jobs } = await restart();
      expect(await jobs.put(jobOf('second'))).toBe('duplicate');
      expect(await claimed(jobs)).toMatchObject({ id: 'leased', attempt: 1 });
      expect(await drain(jobs)).toEqual(['first']);
      expect(await jobs.dead(10)).toMatchObject([{ id: 'dead', reason: 'why' }]);
      await pass(700);
      expect((await claimed(jobs)).id).toBe('delayed');
    },
    broken: {
      how: 'forgets what is leased',
      breaking: port('jobs', (jobs) => ({
        claim: async (options) => {
          const lease = await jobs.claim(options);
          if (lease?.id === 'leased') await jobs.ack(lease);
          return lease;
        },
      })),
    },
  },
];
