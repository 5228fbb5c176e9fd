import { expect } from 'vitest';
import { MAX_JOB_BYTES, millis } from '../../src/core/index.ts';
import type { Rule } from './contract.ts';
import { port } from './contract.ts';
import { bodyOf, claim, claimed, drain, jobOf, putAll, watched } from './made-jobs.ts';

/** Putting, claiming, and the order in which jobs come. */
export const jobQueueRules: readonly Rule[] = [
  {
    title: 'hands a job to one worker, as it was put, and never again once it is acked',
    async check(harness) {
      const { jobs } = harness.broker();
      const spec = jobOf('a', { session: 'one', tenant: 'somebody', slot: 'slot', revision: 3 });
      expect(await jobs.put(spec)).toBe('queued');
      const lease = await claimed(jobs);
      expect(lease).toMatchObject({ ...spec, attempt: 1, maxAttempts: 3, enqueuedAt: harness.broker().now() });
      expect(await claim(jobs)).toBeNull();
      expect(await jobs.ack(lease)).toBe(true);
      await harness.pass(harness.bounds.lease * 2);
      expect(await claim(jobs)).toBeNull();
    },
    broken: { how: 'acks nothing', breaking: port('jobs', () => ({ ack: async () => true })) },
  },
  {
    title: 'answers a claim that does not wait at once when there is nothing',
    async check(harness) {
      const waiting = watched(claim(harness.broker().jobs));
      await harness.pass(0);
      expect(waiting.settled()).toBe(true);
      expect(await waiting.promise).toBeNull();
    },
    broken: {
      how: 'waits when it is told not to',
      breaking: port('jobs', (jobs) => ({ claim: (options) => jobs.claim({ ...options, wait: millis(1000) }) })),
    },
  },
  {
    title: 'lets a claim wait as long as it is told, and no longer',
    async check(harness) {
      const waiting = watched(claim(harness.broker().jobs, millis(1000)));
      await harness.pass(999);
      expect(waiting.settled()).toBe(false);
      await harness.pass(1);
      expect(await waiting.promise).toBeNull();
    },
    broken: {
      how: 'never waits',
      breaking: port('jobs', (jobs) => ({ claim: (options) => jobs.claim({ ...options, wait: millis(0) }) })),
    },
  },
  {
    title: 'wakes a waiting claim with the job that is put',
    async check(harness) {
      const { jobs } = harness.broker();
      const waiting = claim(jobs, millis(1_000_000));
      await jobs.put(jobOf('a'));
      expect((await waiting)?.id).toBe('a');
    },
    broken: {
      how: 'looks once',
      breaking: port('jobs', (jobs) => ({ claim: (options) => jobs.claim({ ...options, wait: millis(0) }) })),
    },
  },
  {
    title: 'ends a waiting claim without a job when its signal aborts, and the next job goes to another',
    async check(harness) {
      const { jobs } = harness.broker();
      const stop = new AbortController();
      const waiting = watched(jobs.claim({ worker: 'gone', wait: millis(1_000_000), signal: stop.signal }));
      stop.abort();
      await harness.pass(0);
      expect(waiting.settled()).toBe(true);
      expect(await waiting.promise).toBeNull();
      await jobs.put(jobOf('a'));
      expect((await claimed(jobs)).id).toBe('a');
    },
    broken: {
      how: 'does not listen to the signal',
      breaking: port('jobs', (jobs) => ({
        claim: ({ worker, wait }) => jobs.claim({ worker, wait }),
      })),
    },
  },
  {
    title: 'gives each of 200 jobs to exactly one of 8 claimers',
    async check(harness) {
      const { jobs } = harness.broker();
      await Promise.all(Array.from({ length: 200 }, (_, index) => jobs.put(jobOf(`job-${index}`))));
      const taken = await Promise.all(Array.from({ length: 8 }, () => drain(jobs)));
      expect(taken.flat().length).toBe(200);
      expect(new Set(taken.flat()).size).toBe(200);
    },
    broken: {
      how: 'hands a job out twice',
      breaking: port('jobs', (queue) => {
        let last: Awaited<ReturnType<typeof queue.claim>> = null;
        return {
          claim: async (options) => {
            const again = last;
            last = again === null ? await queue.claim(options) : null;
            return again ?? last;
          },
        };
      }),
    },
  },
  {
    title: 'gives 8 jobs to 8 waiting claimers, one each',
    async check(harness) {
      const { jobs } = harness.broker();
      const waiting = Array.from({ length: 8 }, () => claim(jobs, millis(1_000_000)));
      await Promise.all(Array.from({ length: 8 }, (_, index) => jobs.put(jobOf(`job-${index}`))));
      const ids = (await Promise.all(waiting)).map((lease) => lease?.id);
      expect(new Set(ids).size).toBe(8);
      expect(ids).not.toContain(undefined);
    },
    broken: {
      how: 'forgets a second put of one moment',
      breaking: port('jobs', (queue) => {
        let busy = false;
        return {
          put: async (spec) => {
            if (busy) return 'queued';
            busy = true;
            const answer = await queue.put(spec);
            busy = false;
            return answer;
          },
          claim: (options) => queue.claim({ ...options, wait: millis(Math.min(options.wait, 0)) }),
        };
      }),
    },
  },
  {
    title: 'hands out the jobs of a tenant in the order in which they were put',
    async check(harness) {
      const { jobs } = harness.broker();
      const ids = ['e', 'a', 'd', 'b', 'c'];
      await putAll(
        jobs,
        ids.map((id) => jobOf(id)),
      );
      expect(await drain(jobs)).toEqual(ids);
    },
    broken: {
      how: 'last in, first out',
      breaking: port('jobs', (queue) => {
        const stack: Parameters<typeof queue.put>[0][] = [];
        return {
          put: async (spec) => {
            stack.unshift(spec);
            return 'queued';
          },
          claim: async (options) => {
            for (const spec of stack.splice(0)) await queue.put(spec);
            return queue.claim(options);
          },
        };
      }),
    },
  },
  {
    title: 'keeps a body to the letter: empty, NUL, quotes, every plane of Unicode, up to the limit',
    async check(harness) {
      const { jobs } = harness.broker();
      const rest = MAX_JOB_BYTES - Buffer.byteLength(JSON.stringify(bodyOf('tiny', '')));
      const texts = ['', '\u0000', '"\\\n\r\u2028', 'Zürich 東京 🎙️', 'x'.repeat(rest)];
      await putAll(
        jobs,
        texts.map((text, index) => jobOf(`job-${index}`, { body: bodyOf('tiny', text) })),
      );
      for (const text of texts) expect((await claimed(jobs)).body).toEqual(bodyOf('tiny', text));
    },
    broken: {
      how: 'cuts at NUL',
      breaking: port('jobs', (jobs) => ({
        put: ({ body, ...spec }) =>
          jobs.put({
            ...spec,
            body: { ...body, options: { ...body.options, prompt: body.options.prompt?.split('\u0000')[0] ?? '' } },
          }),
      })),
    },
  },
  {
    title: 'refuses a body above the limit, and says so',
    async check(harness) {
      const { jobs } = harness.broker();
      const huge = jobOf('huge', { body: bodyOf('tiny', 'x'.repeat(MAX_JOB_BYTES)) });
      await expect(jobs.put(huge)).rejects.toMatchObject({ code: 'job-invalid' });
      expect(await claim(jobs)).toBeNull();
    },
    broken: { how: 'takes anything', breaking: port('jobs', () => ({ put: async () => 'queued' })) },
  },
  {
    title: 'copies the body: what the sender does with it afterwards changes nothing',
    async check(harness) {
      const { jobs } = harness.broker();
      const keywords = ['before'];
      const body = { ...bodyOf(), options: { ...bodyOf().options, keywords } };
      const putting = jobs.put(jobOf('a', { body }));
      keywords[0] = 'after';
      await putting;
      expect((await claimed(jobs)).body.options.keywords).toEqual(['before']);
    },
    broken: {
      how: 'reads the body later',
      breaking: port('jobs', (jobs) => ({
        put: async (spec) => {
          await Promise.resolve();
          return jobs.put(spec);
        },
      })),
    },
  },
];
