import { expect } from 'vitest';
import type { Broker } from '../../src/core/index.ts';
import { JOBS_VERSION, millis, samples } from '../../src/core/index.ts';
import type { Rule } from './contract.ts';
import { port } from './contract.ts';
import { claim, claimed, jobOf, putAll } from './made-jobs.ts';
import { eventsOf, outcomeOf, recordOf } from './made-sessions.ts';

/** A session with something of it in every port. */
async function fill(
  { jobs, webhooks, sessions, results, events, audio, blobs }: Broker,
  session: string,
): Promise<void> {
  await sessions.create(session, 'tenant', recordOf(session), millis(60_000));
  await events.append(session, 0, eventsOf(1, 3));
  await audio.append(session, 0, samples(0), Int16Array.of(1, 2, 3));
  await blobs.put(
    `${session}/upload`,
    (async function* () {
      yield Uint8Array.of(1);
    })(),
    { limit: 10 },
  );
  await putAll(jobs, [
    jobOf(`${session} waits`, { session }),
    jobOf(`${session} committed`, { session, jobClass: 'interactive' }),
    jobOf(`${session} dead`, { session, jobClass: 'interactive' }),
  ]);
  await results.commit(await claimed(jobs), outcomeOf(session));
  await jobs.nack(await claimed(jobs), { dead: true });
  const hook = { v: JOBS_VERSION, type: 'webhook', session, url: 'https://example.org', webhookId: session } as const;
  await webhooks.put({ ...jobOf(`${session} webhook`, { session }), body: hook });
}

/** What is left of a session, by port. */
async function left({ jobs, webhooks, sessions, results, events, audio, blobs }: Broker, session: string) {
  const taken = await results.take({ consumer: 'aggregator', limit: 100, wait: millis(0) });
  return {
    session: await sessions.read(session),
    listed: (await sessions.list({ order: 'asc', limit: 100 })).some(({ id }) => id === session),
    events: (await events.read(session, 0, 100)).length,
    audio: await audio.range({ session, channel: 0, from: samples(0), to: samples(3) }).then(
      () => true,
      () => false,
    ),
    blobs: (await blobs.list(session)).length,
    jobs: jobs.position(session),
    webhooks: webhooks.position(session),
    dead: (await jobs.dead(100)).filter((letter) => letter.session === session).length,
    outcomes: taken.filter((outcome) => outcome.session === session).length,
    known: await jobs.put(
      jobOf(`${session} again`, { session, slot: `${session} committed`, jobClass: 'interactive' }),
    ),
  };
}

const NOTHING = {
  session: undefined,
  listed: false,
  events: 0,
  audio: false,
  blobs: 0,
  jobs: undefined,
  webhooks: undefined,
  dead: 0,
  outcomes: 0,
  known: 'queued',
};

/** What holds for all ports together. */
export const brokerRules: readonly Rule[] = [
  {
    title: 'forgets all of a session and nothing of another, and its worker loses the lease',
    async check({ broker }) {
      await fill(broker(), 'one');
      await fill(broker(), 'two');
      const { jobs } = broker();
      const lease = await claimed(jobs);
      expect(lease.session).toBe('one');
      expect(await broker().forget('one')).toBe(true);
      expect(await broker().forget('one')).toBe(false);
      expect(await jobs.extend(lease)).toBe('lost');
      const [first] = await broker().results.take({ consumer: 'aggregator', limit: 1, wait: millis(0) });
      expect(first?.session).toBe('two');
      const one = await left(broker(), 'one');
      expect(one).toEqual({ ...NOTHING, outcomes: 0 });
      const { session, ...two } = await left(broker(), 'two');
      expect(session?.record).toEqual(recordOf('two'));
      // The first look took the outcomes of both; a dead letter leaves one as well.
      expect(two).toEqual({
        listed: true,
        events: 3,
        audio: true,
        blobs: 1,
        jobs: 0,
        webhooks: 0,
        dead: 1,
        outcomes: 0,
        known: 'duplicate',
      });
    },
    broken: {
      how: 'forgets the record only',
      breaking: (broker) => ({ ...broker, forget: (session) => broker.sessions.remove(session) }),
    },
  },
  {
    title: 'forgets a session by itself when its time to live is over',
    async check({ broker, pass, restart }) {
      await fill(broker(), 'one');
      await pass(60_000);
      const again = await restart();
      expect(await left(again, 'one')).toEqual(NOTHING);
    },
    broken: {
      how: 'forgets the time',
      breaking: port('sessions', (sessions) => ({
        create: (id, tenant, record) => sessions.create(id, tenant, record),
      })),
    },
  },
  {
    title: 'starts a session anew whose id is used again when its time is over',
    async check({ broker, pass }) {
      await fill(broker(), 'one');
      await pass(60_000);
      expect(await broker().sessions.create('one', 'tenant', recordOf('new'))).toEqual({ status: 'created' });
      const { session, listed, ...rest } = await left(broker(), 'one');
      expect([session?.record, listed]).toEqual([recordOf('new'), true]);
      expect(rest).toMatchObject({ events: 0, audio: false, blobs: 0, jobs: undefined, dead: 0, known: 'queued' });
    },
    broken: {
      how: 'writes over the record',
      breaking: port('sessions', (sessions) => ({
        create: async (id, tenant, record) => {
          const answer = await sessions.create(id, tenant, record);
          if (answer.status === 'exists') await sessions.save(id, answer.version, record);
          return { status: 'created' };
        },
      })),
    },
  },
  {
    title: 'keeps all of a session that has a record through a restart',
    async check({ broker, restart }) {
      await fill(broker(), 'one');
      const { session, ...rest } = await left(await restart(), 'one');
      expect(session?.record).toEqual(recordOf('one'));
      expect(rest).toEqual({
        listed: true,
        events: 3,
        audio: true,
        blobs: 1,
        jobs: 0,
        webhooks: 0,
        dead: 1,
        outcomes: 2,
        known: 'duplicate',
      });
    },
    broken: {
      how: 'keeps webhooks in memory',
      breaking: port('webhooks', () => ({ put: async () => 'queued' })),
    },
  },
  {
    title: 'keeps jobs and webhooks apart',
    async check({ broker }) {
      await fill(broker(), 'one');
      const { jobs, webhooks } = broker();
      expect((await webhooks.claim({ worker: 'sender', wait: millis(0) }))?.body.type).toBe('webhook');
      expect((await claimed(jobs)).body.type).toBe('transcribe');
      expect(await claim(jobs)).toBeNull();
      expect(webhooks.stats().dead).toBe(0);
    },
    broken: {
      how: 'has one queue',
      breaking: (broker) => port('webhooks', () => ({ stats: () => broker.jobs.stats() }))(broker),
    },
  },
  {
    title: 'tells the time, which goes on and never back, through a restart too',
    async check({ broker, pass, restart }) {
      const start = broker().now();
      expect(new Date(start).getUTCFullYear()).toBeGreaterThan(2020);
      await pass(1234);
      expect(broker().now() - start).toBe(1234);
      const again = await restart();
      expect(again.now()).toBeGreaterThanOrEqual(start + 1234);
    },
    broken: {
      how: 'counts from its opening',
      breaking: (broker) => {
        const opened = broker.now();
        return { ...broker, now: () => millis(broker.now() - opened) };
      },
    },
  },
];
