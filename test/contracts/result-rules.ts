import { expect } from 'vitest';
import type { Broker, CommittedOutcome, JobOutcome, ResultLog } from '../../src/core/index.ts';
import { millis } from '../../src/core/index.ts';
import type { Rule } from './contract.ts';
import { port } from './contract.ts';
import { claim, claimed, jobOf, putAll, watched } from './made-jobs.ts';
import { outcomeOf } from './made-sessions.ts';

type Results = ResultLog<JobOutcome>;

const take = (results: Results, limit = 100): Promise<readonly CommittedOutcome<JobOutcome>[]> =>
  results.take({ consumer: 'aggregator', limit, wait: millis(0) });

const messages = (outcomes: readonly CommittedOutcome<JobOutcome>[]): readonly string[] =>
  outcomes.map(({ outcome }) => (outcome.type === 'failed' ? outcome.message : outcome.type));

/** Puts, claims and commits jobs, one after the other. */
async function commitAll({ jobs, results }: Broker, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await putAll(jobs, [jobOf(id)]);
    expect(await results.commit(await claimed(jobs), outcomeOf(id))).toBe('committed');
  }
}

/** Outcomes on their way from the workers to the aggregator. */
export const resultRules: readonly Rule[] = [
  {
    title: 'commits an outcome and acks its job in one step, and gives the outcome to a taker as it was',
    async check({ broker, bounds, pass }) {
      const { jobs, results } = broker();
      await jobs.put(jobOf('a', { session: 'one', slot: 'slot', revision: 2 }));
      await jobs.nack(await claimed(jobs));
      expect(await results.commit(await claimed(jobs), outcomeOf('done'))).toBe('committed');
      const identity = { jobId: 'a', session: 'one', slot: 'slot', revision: 2, attempt: 2, at: broker().now() };
      expect(await take(results)).toMatchObject([{ ...identity, outcome: outcomeOf('done') }]);
      await pass(bounds.lease);
      expect(await claim(jobs)).toBeNull();
      expect(jobs.stats().leased).toBe(0);
    },
    broken: {
      how: 'forgets the ack',
      breaking: (broker) => {
        const kept: CommittedOutcome<JobOutcome>[] = [];
        return port('results', () => ({
          commit: async ({ id }, outcome) => {
            const identity = { jobId: id, session: 'one', slot: 'slot', revision: 2, attempt: 2 };
            kept.push({ id: kept.length + 1, ...identity, at: broker.now(), outcome });
            return 'committed';
          },
          take: async () => kept.splice(0),
        }))(broker);
      },
    },
  },
  {
    title: 'refuses the outcome of a worker that lost its lease, and of one that settled',
    async check({ broker, bounds, pass }) {
      const { jobs, results } = broker();
      await jobs.put(jobOf('a'));
      const late = await claimed(jobs);
      await pass(bounds.lease);
      const owner = await claimed(jobs);
      expect(await results.commit(late, outcomeOf('late'))).toBe('stale');
      expect(await results.commit(owner, outcomeOf('owner'))).toBe('committed');
      expect(await results.commit(owner, outcomeOf('again'))).toBe('stale');
      expect(messages(await take(results))).toEqual(['owner']);
    },
    broken: {
      how: 'takes what comes first',
      breaking: (broker) => {
        const newest = new Map<string, number>();
        const careless = port('jobs', (jobs) => ({
          claim: async (options) => {
            const lease = await jobs.claim(options);
            if (lease !== null) newest.set(lease.id, lease.token);
            return lease;
          },
        }))(broker);
        return port('results', (results) => ({
          commit: ({ id, token }, outcome) => results.commit({ id, token: newest.get(id) ?? token }, outcome),
        }))(careless);
      },
    },
  },
  {
    title: 'shows one outcome of a slot at a revision, settles the job of another, and takes no job for it again',
    async check({ broker }) {
      const { jobs, results } = broker();
      const slot = { slot: 'slot', revision: 1 };
      await putAll(jobs, [jobOf('first', slot), jobOf('second', slot)]);
      const [first, second] = [await claimed(jobs), await claimed(jobs)];
      expect(await results.commit(first, outcomeOf('first'))).toBe('committed');
      expect(await results.commit(second, outcomeOf('second'))).toBe('duplicate');
      expect(jobs.stats().leased).toBe(0);
      expect(messages(await take(results))).toEqual(['first']);
      expect(await jobs.put(jobOf('third', slot))).toBe('duplicate');
      expect(await jobs.put(jobOf('elsewhere', { ...slot, session: 'other' }))).toBe('queued');
    },
    broken: {
      how: 'shows both',
      breaking: port('jobs', (jobs) => ({ put: (spec) => jobs.put({ ...spec, slot: `${spec.slot} ${spec.id}` }) })),
    },
  },
  {
    title: 'takes rising revisions of partials in a slot, none that is late, and nothing after the final',
    async check({ broker }) {
      const { jobs, results } = broker();
      const work = async (id: string, jobClass: 'partial' | 'final', revision: number) => {
        await jobs.put(jobOf(id, { jobClass, slot: 'utterance', revision }));
        return claimed(jobs);
      };
      const late = await work('late', 'partial', 1);
      const last = await work('after the final', 'partial', 9);
      expect(await results.commit(await work('two', 'partial', 2), outcomeOf('two'))).toBe('committed');
      expect(await results.commit(late, outcomeOf('late'))).toBe('duplicate');
      expect(await results.commit(await work('final', 'final', 3), outcomeOf('final'))).toBe('committed');
      expect(await results.commit(last, outcomeOf('last'))).toBe('duplicate');
      expect(messages(await take(results))).toEqual(['two', 'final']);
    },
    broken: {
      how: 'takes any revision',
      breaking: port('jobs', (jobs) => ({ put: (spec) => jobs.put({ ...spec, slot: spec.id }) })),
    },
  },
  {
    title: 'gives outcomes out in the order of their commits, each to one taker',
    async check({ broker }) {
      const { results } = broker();
      await commitAll(broker(), ['c', 'a', 'e', 'b', 'd']);
      const [first, second] = await Promise.all([take(results, 2), take(results, 2)]);
      const third = await take(results, 2);
      expect([first, second, third].map(messages)).toEqual([['c', 'a'], ['e', 'b'], ['d']]);
      const ids = [...first, ...second, ...third].map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(await take(results)).toEqual([]);
    },
    broken: {
      how: 'newest first',
      breaking: port('results', (results) => ({
        take: async (options) => (await results.take({ ...options, limit: 100 })).toReversed().slice(0, options.limit),
      })),
    },
  },
  {
    title: 'gives an outcome out again when its taker does not say done in time, and never after that',
    async check({ broker, bounds, pass }) {
      const { results } = broker();
      await commitAll(broker(), ['a', 'b']);
      const [first] = await take(results);
      await results.done([first?.id ?? 0]);
      await pass(bounds.hold - 1);
      expect(await take(results)).toEqual([]);
      await pass(1);
      const again = await take(results);
      expect(messages(again)).toEqual(['b']);
      await results.done(again.map(({ id }) => id));
      await pass(bounds.hold * 2);
      expect(await take(results)).toEqual([]);
      expect(results.pending()).toBe(0);
    },
    broken: {
      how: 'is done with what it gives out',
      breaking: port('results', (results) => ({
        take: async (options) => {
          const taken = await results.take(options);
          await results.done(taken.map(({ id }) => id));
          return taken;
        },
      })),
    },
  },
  {
    title: 'wakes a waiting taker with the next outcome, and ends its wait in time or when it aborts',
    async check({ broker, pass }) {
      const { results } = broker();
      const stop = new AbortController();
      const options = { consumer: 'aggregator', limit: 5, wait: millis(1000) };
      const waiting = watched(results.take(options));
      await pass(999);
      expect(waiting.settled()).toBe(false);
      await commitAll(broker(), ['a']);
      expect(messages(await waiting.promise)).toEqual(['a']);
      const aborted = results.take({ ...options, signal: stop.signal });
      stop.abort();
      expect(await aborted).toEqual([]);
      const over = results.take(options);
      await pass(1000);
      expect(await over).toEqual([]);
    },
    broken: {
      how: 'never waits',
      breaking: port('results', (results) => ({ take: (options) => results.take({ ...options, wait: millis(0) }) })),
    },
  },
  {
    title: 'tells of a job that became a dead letter, once, and takes its outcome after all when it is requeued',
    async check({ broker, bounds, pass }) {
      const { jobs, results } = broker();
      await jobs.put(jobOf('a', { maxAttempts: 1 }));
      await claimed(jobs);
      await pass(bounds.lease);
      const [told, ...others] = await take(results);
      expect(told).toMatchObject({ jobId: 'a', slot: 'a', outcome: { type: 'dead', attempts: 1 } });
      expect(others).toEqual([]);
      await jobs.requeueDead('a');
      expect(await results.commit(await claimed(jobs), outcomeOf('after all'))).toBe('committed');
      expect(messages(await take(results))).toEqual(['after all']);
    },
    broken: {
      how: 'keeps it for itself',
      breaking: port('results', (results) => ({
        take: async (options) => (await results.take(options)).filter(({ outcome }) => outcome.type !== 'dead'),
      })),
    },
  },
  {
    title: 'keeps outcomes and what it has seen of each slot through a restart',
    async check({ broker, restart }) {
      await commitAll(broker(), ['a', 'b']);
      const [first] = await take(broker().results, 1);
      await broker().results.done([first?.id ?? 0]);
      const { jobs, results } = await restart();
      expect(messages(await take(results))).toEqual(['b']);
      expect(await jobs.put(jobOf('another', { slot: 'a' }))).toBe('duplicate');
    },
    broken: {
      how: 'knows done outcomes in memory only',
      breaking: (broker) => {
        const done = new Set<number>();
        return port('results', (results) => ({
          done: async (ids) => ids.forEach((id) => done.add(id)),
          take: async (options) => (await results.take(options)).filter(({ id }) => !done.has(id)),
        }))(broker);
      },
    },
  },
  {
    title: 'hands out no jobs while too many outcomes wait, and goes on when they are done',
    async check({ broker, bounds }) {
      const { jobs, results } = broker();
      await commitAll(
        broker(),
        Array.from({ length: bounds.pendingOutcomes }, (_, index) => `job-${index}`),
      );
      await jobs.put(jobOf('next'));
      expect(await claim(jobs)).toBeNull();
      const waiting = claim(jobs, millis(1_000_000));
      const taken = await take(results, 1);
      await results.done(taken.map(({ id }) => id));
      expect((await waiting)?.id).toBe('next');
      expect(results.pending()).toBe(bounds.pendingOutcomes - 1);
    },
    broken: {
      how: 'piles them up',
      breaking: (broker) => {
        const kept: CommittedOutcome<JobOutcome>[] = [];
        return port('results', (results) => ({
          commit: async (lease, outcome) => {
            const answer = await results.commit(lease, outcome);
            for (const row of await results.take({ consumer: 'heap', limit: 10, wait: millis(0) })) {
              kept.push(row);
              await results.done([row.id]);
            }
            return answer;
          },
          take: async ({ limit }) => kept.splice(0, limit),
        }))(broker);
      },
    },
  },
];
