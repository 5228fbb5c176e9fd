import { expect } from 'vitest';
import { millis } from '../../src/core/index.ts';
import type { Rule } from './contract.ts';
import { port } from './contract.ts';
import { claim, claimed, drain, jobOf, putAll, watched } from './made-jobs.ts';

const many = (count: number, change: Parameters<typeof jobOf>[1] = {}) =>
  Array.from({ length: count }, (_, index) => jobOf(`${change.jobClass ?? 'batch'}-${index}`, change));

/** Latest wins, limits, gauges, closing. */
export const boundRules: readonly Rule[] = [
  {
    title: 'lets a newer job take the place of a waiting one of its key, and counts it',
    async check({ broker }) {
      const { jobs } = broker();
      for (let revision = 1; revision <= 5; revision++) {
        await jobs.put(jobOf(`a-${revision}`, { jobClass: 'partial', supersedeKey: 'a', revision }));
        await jobs.put(
          jobOf(`b-${revision}`, { jobClass: 'partial', supersedeKey: 'b', revision, delay: millis(revision % 2) }),
        );
      }
      expect(jobs.stats().superseded).toBe(8);
      expect(jobs.stats().classes.partial.depth).toBe(2);
      expect(await drain(jobs)).toEqual(['a-5']);
    },
    broken: {
      how: 'keeps all of them',
      breaking: port('jobs', (jobs) => ({ put: ({ supersedeKey: _key, ...spec }) => jobs.put(spec) })),
    },
  },
  {
    title: 'tells the worker of a job that a newer one took the place of, and hands it out no more',
    async check({ broker, bounds, pass }) {
      const { jobs } = broker();
      await jobs.put(jobOf('old', { jobClass: 'partial', supersedeKey: 'key' }));
      const old = await claimed(jobs);
      await jobs.put(jobOf('new', { jobClass: 'partial', supersedeKey: 'key' }));
      expect(await jobs.extend(old)).toBe('superseded');
      expect((await claimed(jobs)).id).toBe('new');
      await pass(bounds.lease);
      expect(await drain(jobs)).toEqual(['new']);
    },
    broken: {
      how: 'does not reach a leased job',
      breaking: port('jobs', (jobs) => ({ put: ({ supersedeKey: _key, ...spec }) => jobs.put(spec) })),
    },
  },
  {
    title: 'finds the live job behind 2,000 that were superseded',
    async check({ broker }) {
      const { jobs } = broker();
      await Promise.all(
        Array.from({ length: 2000 }, (_, index) =>
          jobs.put(jobOf(`old-${index}`, { jobClass: 'partial', supersedeKey: 'key', tenant: `tenant-${index % 7}` })),
        ),
      );
      await jobs.put(jobOf('live', { jobClass: 'partial' }));
      expect(await drain(jobs, 2)).toEqual(['old-1999', 'live']);
    },
    broken: {
      how: 'gives up after so many',
      breaking: port('jobs', (jobs) => {
        let puts = 0;
        return { put: (spec) => (++puts > 2000 ? Promise.resolve('queued') : jobs.put(spec)) };
      }),
    },
  },
  {
    title: 'refuses a job of a class at its limit, and takes one of another class',
    async check({ broker, bounds }) {
      const { jobs } = broker();
      await Promise.all(many(bounds.depth).map((spec) => jobs.put(spec)));
      expect(await jobs.put(jobOf('too many'))).toBe('full');
      expect(await jobs.put(jobOf('urgent', { jobClass: 'interactive' }))).toBe('queued');
      expect(jobs.stats().classes.batch).toMatchObject({ depth: bounds.depth, limit: bounds.depth });
      await drain(jobs, 2);
      expect(await jobs.put(jobOf('too many'))).toBe('queued');
    },
    broken: {
      how: 'drops the oldest instead',
      breaking: port('jobs', (jobs) => ({
        put: async (spec) => {
          const answer = await jobs.put(spec);
          if (answer !== 'full') return answer;
          await jobs.cancel('batch-0');
          return jobs.put(spec);
        },
      })),
    },
  },
  {
    title: 'takes a superseding job into a full class, and a refused one leaves the old job where it is',
    async check({ broker, bounds }) {
      const { jobs } = broker();
      await jobs.put(jobOf('old', { jobClass: 'partial', supersedeKey: 'key' }));
      await Promise.all(many(bounds.depth - 1, { jobClass: 'partial' }).map((spec) => jobs.put(spec)));
      expect(await jobs.put(jobOf('new', { jobClass: 'partial', supersedeKey: 'key' }))).toBe('queued');
      await Promise.all(many(bounds.depth, { jobClass: 'batch' }).map((spec) => jobs.put(spec)));
      expect(await jobs.put(jobOf('other', { jobClass: 'batch', supersedeKey: 'key' }))).toBe('full');
      expect(await jobs.cancel('old')).toBe('unknown');
      expect(await jobs.cancel('new')).toBe('removed');
    },
    broken: {
      how: 'removes the old job first',
      breaking: port('jobs', (jobs) => ({
        put: async (spec) => {
          if (spec.supersedeKey === 'key') await jobs.cancel('old').then(() => jobs.cancel('new'));
          return jobs.put(spec);
        },
      })),
    },
  },
  {
    title: 'takes back a job that is given back to a full class',
    async check({ broker, bounds }) {
      const { jobs } = broker();
      await Promise.all(many(bounds.depth).map((spec) => jobs.put(spec)));
      const lease = await claimed(jobs);
      expect(await jobs.put(jobOf('too many'))).toBe('full');
      expect(await jobs.nack(lease)).toBe(true);
      expect((await drain(jobs)).length).toBe(bounds.depth);
    },
    broken: {
      how: 'does not count what is leased',
      breaking: port('jobs', (jobs) => ({
        put: async (spec) => {
          const answer = await jobs.put(spec);
          return answer === 'full' && jobs.stats().leased > 0 ? 'queued' : answer;
        },
      })),
    },
  },
  {
    title: 'tells how many jobs there are, and how old the oldest is',
    async check({ broker, pass }) {
      const { jobs } = broker();
      await putAll(jobs, [jobOf('a'), jobOf('b'), jobOf('c', { delay: millis(5000) })]);
      await pass(1000);
      await jobs.put(jobOf('d', { jobClass: 'interactive' }));
      await drain(jobs, 2);
      await claimed(jobs);
      await pass(250);
      const { classes, ...counts } = jobs.stats();
      expect(classes.batch).toMatchObject({ depth: 2, oldest: 1250 });
      expect(classes.interactive).toMatchObject({ depth: 0, oldest: 0 });
      expect(counts).toMatchObject({ leased: 1, delayed: 1, dead: 0, superseded: 0, expired: 0, leasesLost: 0 });
    },
    broken: {
      how: 'counts what waits only',
      breaking: port('jobs', (jobs) => ({ stats: () => ({ ...jobs.stats(), leased: 0 }) })),
    },
  },
  {
    title: 'gives back what is leased when it closes, without counting the attempt, and ends what waits',
    async check({ broker, restart }) {
      const { jobs } = broker();
      await jobs.put(jobOf('a', { maxAttempts: 1 }));
      await claimed(jobs);
      const waiting = watched(claim(jobs, millis(1_000_000)));
      const next = await restart();
      expect(await waiting.promise).toBeNull();
      expect(await claimed(next.jobs)).toMatchObject({ id: 'a', attempt: 1 });
    },
    broken: {
      how: 'closes what is leased as done',
      breaking: (broker) => ({
        ...port('jobs', (jobs) => ({
          claim: async (options) => {
            const lease = await jobs.claim(options);
            if (lease !== null) await jobs.ack(lease);
            return lease;
          },
        }))(broker),
      }),
    },
  },
  {
    title: 'refuses every call once it is closed',
    async check({ broker, restart }) {
      const closed = broker();
      await restart();
      const calls = [
        () => closed.jobs.put(jobOf('a')),
        () => claim(closed.jobs),
        () => closed.sessions.read('a'),
        () => closed.results.done([1]),
        () => closed.events.read('a', 0, 1),
        () => closed.blobs.list('a'),
        () => closed.audio.drop('a'),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'broker-closed' });
    },
    broken: { how: 'answers as if it were open', breaking: port('sessions', () => ({ read: async () => undefined })) },
  },
];
