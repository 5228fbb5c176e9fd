import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Broker, JobClass } from '../../src/core/index.ts';
import { millis } from '../../src/core/index.ts';
import { boundRules } from './bound-rules.ts';
import type { Breaking } from './contract.ts';
import { leaseRules } from './lease-rules.ts';
import { LOCAL } from './local-broker.ts';
import type { LeaseOf } from './made-jobs.ts';
import { claim, jobOf } from './made-jobs.ts';
import type { QueueModel } from './queue-model.ts';
import { queueModel } from './queue-model.ts';

/** Apart from each other and from a lease, so that no two things are due at the same moment. */
const STEP = 10;
const PUT_DELAY = 1003;
const NACK_DELAY = 707;

const anyLease = fc.nat({ max: 5 });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      id: fc.nat({ max: 40 }),
      jobClass: fc.constantFrom<JobClass>('final', 'partial', 'interactive', 'batch', 'batch'),
      tenant: fc.constantFrom('a', 'b', 'c'),
      key: fc.option(fc.constantFrom('x', 'y'), { nil: undefined, freq: 4 }),
      delay: fc.constantFrom(0, 0, 0, PUT_DELAY),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('claim' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ack' as const), lease: anyLease }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('nack' as const),
      lease: anyLease,
      delay: fc.constantFrom(0, NACK_DELAY),
      counted: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('extend' as const), lease: anyLease }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), id: fc.nat({ max: 40 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), time: fc.constantFrom(400, 1200, 5100, 21_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

/** That the queue answers as its model does, whatever is asked of it in whatever order. */
const likeTheModel = (breaking: Breaking) =>
  fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), async (steps) => {
    const place = await LOCAL.place();
    const model = queueModel(LOCAL.bounds);
    let broker: Broker = breaking(await place.open());
    /** The latest last; also those that were lost, settled, or of an earlier process. */
    let leases: readonly LeaseOf[] = [];
    const some = (index: number): LeaseOf | undefined => leases.at(-1 - index);
    try {
      for (const one of steps) {
        model.pass(STEP);
        await place.pass(STEP);
        if (one.do === 'restart') {
          await broker[Symbol.asyncDispose]();
          broker = breaking(await place.open());
          model.restart();
        } else if (one.do === 'pass') {
          const time = Math.floor(one.time / STEP) * STEP;
          model.pass(time);
          await place.pass(time);
        } else {
          const { got, wanted, taken } = await perform(
            broker,
            model,
            one,
            'lease' in one ? some(one.lease) : undefined,
          );
          expect(got).toEqual(wanted);
          if (taken !== undefined) leases = [...leases.slice(-20), taken];
        }
        const { classes, expired: _expired, ...counts } = broker.jobs.stats();
        expect(counts).toEqual(model.counts());
        for (const name of ['final', 'partial', 'interactive', 'batch'] as const) {
          expect(classes[name].depth).toBe(model.depth(name));
        }
      }
    } finally {
      await broker[Symbol.asyncDispose]();
      await place.remove();
    }
  });

test('the queue does what a simple model of it does, whatever is asked of it in whatever order', async () => {
  const checked = await fc.check(
    likeTheModel((broker) => broker),
    { numRuns: 40 },
  );
  expect(fc.defaultReportMessage(checked)).toBeUndefined();
});

/** Rules whose broken brokers differ from a good one in what the steps ask. */
const FOUND: ReadonlySet<string> = new Set([
  'takes an ack once',
  'hands a job that was given back out first, as the next attempt',
  'does not count an attempt that was given back uncounted',
  'lets a newer job take the place of a waiting one of its key, and counts it',
]);
const broken = [...leaseRules, ...boundRules].filter(({ title }) => FOUND.has(title));

test.each(broken.map((rule) => [rule.broken.how, rule.broken.breaking] as const))(
  'the model finds out a queue that %s',
  async (_, breaking) => {
    const { failed } = await fc.check(likeTheModel(breaking), { numRuns: 100, endOnFailure: true });
    expect(failed).toBe(true);
  },
);

type Step = Exclude<typeof step extends fc.Arbitrary<infer T> ? T : never, { do: 'restart' | 'pass' }>;

/** What the queue answered, and what it should have. */
interface Answers {
  readonly got: unknown;
  readonly wanted: unknown;
  /** The lease that was handed out. */
  readonly taken?: LeaseOf;
}

const FINE = 'fine';

/** Does one step with both; what is about a lease does nothing without one. */
async function perform({ jobs }: Broker, model: QueueModel, one: Step, lease: LeaseOf | undefined): Promise<Answers> {
  switch (one.do) {
    case 'put': {
      const { jobClass, tenant, key, delay } = one;
      const id = `job-${one.id}`;
      const asked = { jobClass, tenant, delay: millis(delay), ...(key === undefined ? {} : { supersedeKey: key }) };
      return { got: await jobs.put(jobOf(id, asked)), wanted: model.put({ id, jobClass, tenant, key, delay }) };
    }
    case 'claim': {
      const taken = await claim(jobs);
      return { got: model.claimed(taken) ?? FINE, wanted: FINE, ...(taken === null ? {} : { taken }) };
    }
    case 'cancel':
      return { got: await jobs.cancel(`job-${one.id}`), wanted: model.cancel(`job-${one.id}`) };
    case 'ack':
      if (lease === undefined) return { got: FINE, wanted: FINE };
      return { got: await jobs.ack(lease), wanted: model.ack(lease.id, lease.token) };
    case 'extend':
      if (lease === undefined) return { got: FINE, wanted: FINE };
      return { got: await jobs.extend(lease), wanted: model.extend(lease.id, lease.token) };
    case 'nack': {
      if (lease === undefined) return { got: FINE, wanted: FINE };
      const { delay, counted } = one;
      const got = await jobs.nack(lease, { delay: millis(delay), countAttempt: counted });
      return { got, wanted: model.nack(lease.id, lease.token, delay, counted) };
    }
  }
}
