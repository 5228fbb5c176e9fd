/** A site behind the balancers that `deploy/` configures: no stickiness, no session lost with a gateway, none cut while all refuse work. */
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createClient, type LinkTimes, type LiveEvent } from '../../src/client/index.ts';
import { HAS_REDIS } from '../testing/redis-server.ts';
import { hasBalancer, startBalancer, type Balancer, type BalancerKind } from './testing/balancers.ts';
import { openRealtime } from './testing/realtime-socket.ts';
import { formOf, JFK, mustBeBuilt } from './testing/running-server.ts';
import { startSite, type Member, type Site } from './testing/site.ts';
import { slowUpload } from './testing/slow-upload.ts';

const WAV_HEAD = 44;
const BYTES_A_SECOND = 32_000;
const FRAME = 3200;
const KINDS: readonly BalancerKind[] = ['nginx', 'haproxy'];
const HERE = KINDS.filter(hasBalancer);
const LOOK = { interval: 50, timeout: 15_000 };
/** Longer than HAProxy needs to look at every gateway. */
const REFUSED_MS = 1500;
/** Jobs that may wait; for new ones four fifths of them. */
const QUEUED = 5;

const Status = z.looseObject({
  uploads: z.number(),
  live: z.looseObject({ attached: z.number() }),
  queue: z.looseObject({ full: z.array(z.string()) }),
});
type Status = z.infer<typeof Status>;

describe.skipIf(!HAS_REDIS)('a site behind a balancer', () => {
  let site: Site;
  let worker: Member;
  let speech: Uint8Array;

  beforeAll(async () => {
    mustBeBuilt();
    speech = Buffer.concat([(await readFile(JFK)).subarray(WAV_HEAD), new Uint8Array(2 * BYTES_A_SECOND)]);
    site = await startSite('--engine', 'scripted');
    [worker] = await Promise.all([site.start('worker'), site.start('aggregator')]);
  });
  afterAll(async () => site[Symbol.asyncDispose]());

  async function speak(url: string, onHalf: () => Promise<void> = async () => {}, times: Partial<LinkTimes> = {}) {
    const session = createClient({ url }).live({ times });
    const events: LiveEvent[] = [];
    const listening = (async () => {
      for await (const event of session) events.push(event);
    })();
    let isHalf = false;
    for (let at = 0; at < speech.length; at += FRAME) {
      if (!isHalf && at > speech.length / 2) {
        isHalf = true;
        await onHalf();
      }
      await session.send(speech.subarray(at, at + FRAME));
    }
    const [ended] = await Promise.all([session.end(), listening]);
    return { ended, events, finals: events.flatMap((event) => (event.type === 'final' ? [event.text] : [])) };
  }

  /** Two gateways, which end with the test. */
  async function gateways(): Promise<readonly [Member, Member]> {
    const both = await Promise.all([site.start('gateway'), site.start('gateway')]);
    onTestFinished(async () => {
      for (const member of both) member.signal('SIGKILL');
      await Promise.all(both.map(({ exited }) => exited));
    });
    return both;
  }

  const transcribe = async (url: string): Promise<Response> =>
    fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: await formOf(JFK, { model: 'whisper-1' }) });
  const statusOf = async ({ url }: Member) => Status.parse(await (await fetch(`${url}/v1/status`)).json());
  async function having(members: readonly Member[], what: (status: Status) => boolean): Promise<readonly Member[]> {
    const have = await Promise.all(members.map(async (member) => what(await statusOf(member))));
    return members.filter((_, index) => have[index]);
  }

  for (const kind of KINDS) {
    test.skipIf(!hasBalancer(kind))(
      `${kind} passes files and live sessions on, and a session goes on at the other gateway when one is killed or stopped`,
      async () => {
        const [first, second] = await gateways();
        await using balancer = await startBalancer(kind, [first.url, second.url]);
        const client = createClient({ url: balancer.url });
        const made = await client.jobs.create(new File([await openAsBlob(JFK)], 'jfk.wav'), {});
        expect(await client.jobs.wait(made.id)).toMatchObject({ status: 'succeeded' });
        const unbroken = await speak(balancer.url);
        expect(unbroken.finals.length).toBeGreaterThan(1);
        const moved = await speak(balancer.url, async () => {
          first.signal(kind === 'nginx' ? 'SIGKILL' : 'SIGTERM');
          await first.exited;
        });
        expect(moved.finals).toEqual(unbroken.finals);
        expect(moved.ended).toMatchObject({ reason: 'done', ledger: { received: speech.length / 2 } });
      },
    );

    test.skipIf(!hasBalancer(kind))(
      `${kind} lets an upload end that is slower than its gateway is told to stop; new work goes to the other`,
      async () => {
        const both = await gateways();
        await using balancer = await startBalancer(
          kind,
          both.map(({ url }) => url),
        );
        const upload = await slowUpload(
          `${balancer.url}/v1/audio/transcriptions`,
          await formOf(JFK, { model: 'whisper-1' }),
        );
        const taken = async (): Promise<Member | undefined> => (await having(both, ({ uploads }) => uploads > 0))[0];
        await expect.poll(taken, LOOK).toBeDefined();
        const stopping = await taken();
        stopping?.signal('SIGTERM');
        // nginx finds it out with the next that it connects for.
        await expect.poll(balancer.said, LOOK).toContain(kind === 'haproxy' ? 'is DOWN' : '');
        for (let i = 0; i < 4; i++) expect((await transcribe(balancer.url)).status).toBe(200);
        expect((await upload.end()).status).toBe(200);
        expect(await stopping?.exited).toBe(0);
      },
    );
  }

  describe.skipIf(HERE.length === 0)('while its gateways refuse work', () => {
    let both: readonly Member[];
    let balancers: readonly Balancer[];
    const isReady = async ({ url }: Member): Promise<boolean> => (await fetch(`${url}/readyz`)).ok;
    const readiness = async (): Promise<readonly boolean[]> => Promise.all(both.map(isReady));
    const answersOf = async <T>(ask: (url: string) => Promise<T>): Promise<readonly T[]> =>
      Promise.all(balancers.map(async ({ url }) => ask(url)));
    const refusedBy = async (ask: (url: string) => Promise<Response>): Promise<readonly unknown[]> =>
      (await answersOf(ask)).map(({ status, headers }) => [status, headers.get('retry-after')]);
    const refusals = HERE.map(() => [503, '5']);

    beforeAll(async () => {
      const few = ['--max-queued', String(QUEUED)];
      both = await Promise.all([site.start('gateway', ...few), site.start('gateway', ...few)]);
      const urls = both.map(({ url }) => url);
      balancers = await Promise.all(HERE.map(async (kind) => startBalancer(kind, urls)));
    });
    afterAll(async () => {
      await Promise.all(balancers.map(async (balancer) => balancer[Symbol.asyncDispose]()));
    });

    test('since Redis is frozen: nobody who speaks is cut, and who asks hears of a gateway when to come back', async () => {
      const speakers = await answersOf(openRealtime);
      site.redis.signal('SIGSTOP');
      onTestFinished(() => site.redis.signal('SIGCONT'));
      await expect.poll(readiness, LOOK).toEqual([false, false]);
      const begun = performance.now();
      while (performance.now() - begun < REFUSED_MS) {
        // As whoever watches the site does.
        for (const answer of await answersOf(async (url) => fetch(`${url}/readyz`))) {
          expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('[-]broker')]);
        }
        expect(await refusedBy(transcribe)).toEqual(refusals);
      }
      site.redis.signal('SIGCONT');
      await expect.poll(readiness, LOOK).toEqual([true, true]);
      for (const speaker of speakers) expect(await speaker.say(speech)).not.toBe('');
      expect(speakers.flatMap(({ closes }) => closes)).toEqual([]);
      for (const { status } of await answersOf(transcribe)) expect(status).toBe(200);
    }, 30_000);

    test('since the queue of jobs is full: everything else is there', async () => {
      const speakers = [...(await answersOf(openRealtime))];
      worker.signal('SIGSTOP');
      onTestFinished(() => worker.signal('SIGCONT'));
      const create = async (url: string): Promise<Response> =>
        fetch(`${url}/v1/jobs`, { method: 'POST', body: await formOf(JFK) });
      for (const { url } of both) while ((await create(url)).ok);
      const full = async (): Promise<number> => (await having(both, ({ queue }) => queue.full.length > 0)).length;
      await expect.poll(full, LOOK).toBe(2);
      for (let i = 0; i < 3; i++) expect(await refusedBy(create)).toEqual(refusals);
      expect(await readiness()).toEqual([true, true]);
      const transcribed = answersOf(transcribe);
      speakers.push(...(await answersOf(openRealtime)));
      worker.signal('SIGCONT');
      for (const { status } of await transcribed) expect(status).toBe(200);
      for (const speaker of speakers) expect(await speaker.say(speech)).not.toBe('');
      expect(speakers.flatMap(({ closes }) => closes)).toEqual([]);
    }, 30_000);

    const proxy = HERE.indexOf('haproxy');
    test.skipIf(proxy < 0)(
      'since one is frozen: HAProxy sees it, and a client that hears no ping goes on at the other',
      async () => {
        const freeze = async (): Promise<void> => {
          const [own] = await having(both, ({ live }) => live.attached > 0);
          own?.signal('SIGSTOP');
        };
        const times = { ping: 200, silence: 1500, connect: 1500 };
        const { events, ended } = await speak(balancers[proxy]?.url ?? '', freeze, times);
        expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['reconnecting', 'resumed', 'final']));
        expect(ended).toMatchObject({ reason: 'done', ledger: { received: speech.length / 2 } });
      },
      30_000,
    );
  });
});
