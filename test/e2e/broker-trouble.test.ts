/** A site whose Redis is in trouble while somebody speaks: said to everybody, in no transcript, and over when it is over. */
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createClient, type LiveEvent } from '../../src/client/index.ts';
import { HAS_REDIS } from '../testing/redis-server.ts';
import { JFK, mustBeBuilt } from './testing/running-server.ts';
import { startSite, type Member, type Site } from './testing/site.ts';

/** Behind RIFF's head. */
const WAV_HEAD = 44;
const BYTES_A_SECOND = 32_000;
const FRAME = 3200;
const TROUBLE_AT = 4 * BYTES_A_SECOND;
/** Long enough that it is told of. */
const TROUBLE_MS = 2500;
const LOOK = { interval: 20, timeout: 15_000 };

interface Trouble {
  readonly name: string;
  readonly begin: (redis: Redis) => Promise<unknown>;
  readonly end: (redis: Redis) => Promise<unknown>;
}

const TROUBLES: readonly Trouble[] = [
  {
    name: 'has no memory left',
    begin: (redis) => redis.config('SET', 'maxmemory', '1'),
    end: (redis) => redis.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'takes no writes, as one that is no primary any more',
    begin: (redis) => redis.replicaof('127.0.0.1', 1),
    end: (redis) => redis.replicaof('NO', 'ONE'),
  },
  {
    name: 'answers nothing, as a replica without its primary',
    async begin(redis) {
      await redis.config('SET', 'replica-serve-stale-data', 'no');
      await redis.replicaof('127.0.0.1', 1);
    },
    async end(redis) {
      await redis.replicaof('NO', 'ONE');
      await redis.config('SET', 'replica-serve-stale-data', 'yes');
    },
  },
];

describe.skipIf(!HAS_REDIS)('a Redis in trouble', () => {
  let site: Site;
  let redis: Redis;
  let gateway: string;
  let others: readonly Member[];
  let speech: Uint8Array;
  let unbroken: Heard;

  beforeAll(async () => {
    mustBeBuilt();
    speech = Buffer.concat([(await readFile(JFK)).subarray(WAV_HEAD), new Uint8Array(2 * BYTES_A_SECOND)]);
    site = await startSite('--engine', 'scripted');
    const [{ url }, ...rest] = await Promise.all([
      site.start('gateway'),
      site.start('worker'),
      site.start('aggregator'),
    ]);
    gateway = url;
    others = rest;
    redis = new Redis(site.redis.url);
    unbroken = await speak([], () => Promise.resolve());
  });
  afterAll(async () => {
    redis.disconnect();
    await site[Symbol.asyncDispose]();
  });

  interface Heard {
    readonly finals: readonly unknown[];
    readonly ended: unknown;
  }

  /** Ends once all of `told` was said, and no sooner: a session that is over hears nothing more. */
  async function speak(told: readonly boolean[], happens: () => Promise<void>): Promise<Heard> {
    const session = createClient({ url: gateway }).live();
    const events: LiveEvent[] = [];
    const listening = (async () => {
      for await (const event of session) events.push(event);
    })();
    for (let at = 0; at < speech.length; at += FRAME) {
      if (at === TROUBLE_AT) await happens();
      await session.send(speech.subarray(at, at + FRAME));
    }
    const degraded = () => events.flatMap((event) => (event.type === 'degraded' ? [event.active] : []));
    await vi.waitFor(() => expect(degraded()).toEqual(told), LOOK);
    const [ended] = await Promise.all([session.end(), listening]);
    expect(degraded()).toEqual(told);
    return {
      ended,
      finals: events.flatMap((event) => (event.type === 'final' ? [[event.segment, event.text, event.start_ms]] : [])),
    };
  }

  const readiness = async (): Promise<number> => (await fetch(`${gateway}/readyz`)).status;
  async function upload(): Promise<Response> {
    const body = new FormData();
    body.append('model', 'whisper-1');
    body.append('file', await openAsBlob(JFK), 'jfk.wav');
    return fetch(`${gateway}/v1/audio/transcriptions`, { method: 'POST', body });
  }

  test.each(TROUBLES)(
    'that $name: new work is refused, whoever speaks is told and loses nothing',
    async ({ begin, end }) => {
      let refused: Response | undefined;
      let metrics = '';
      let back: Promise<void> | undefined;
      const heard = await speak([true, false], async () => {
        await begin(redis);
        // What is asked next finds it out.
        const first = upload();
        await expect.poll(readiness, LOOK).toBe(503);
        await first;
        refused = await upload();
        metrics = await (await fetch(`${gateway}/metrics`)).text();
        back = new Promise((resolve, reject) => {
          setTimeout(() => void end(redis).then(() => resolve(), reject), TROUBLE_MS);
        });
      });
      expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([503, '5']);
      expect(metrics).toContain('scriptorium_degraded 1');
      expect(heard.finals).toEqual(unbroken.finals);
      expect(heard.ended).toMatchObject({ reason: 'done', ledger: { received: speech.length / 2 } });
      await back;
      await expect.poll(readiness, LOOK).toBe(200);
      expect((await upload()).status).toBe(200);
    },
    30_000,
  );

  test('that is frozen for eight seconds', async () => {
    const heard = await speak([true, false], async () => {
      site.redis.signal('SIGSTOP');
      setTimeout(() => site.redis.signal('SIGCONT'), 8000);
      await expect.poll(readiness, LOOK).toBe(503);
      const jobs = await fetch(`${gateway}/v1/jobs`, { signal: AbortSignal.timeout(1000) });
      expect([jobs.status, jobs.headers.get('retry-after')]).toEqual([503, '5']);
    });
    expect(heard.finals).toEqual(unbroken.finals);
    await expect.poll(readiness, LOOK).toBe(200);
    for (const { stderr } of others) {
      await expect.poll(stderr, LOOK).toMatch(/the broker does not answer[^]*the broker answers again/u);
    }
  }, 30_000);

  test('that answers late is only late', async () => {
    const heard = await speak([], () => redis.call('CLIENT', 'PAUSE', '2000', 'ALL').then(() => undefined));
    expect(heard.finals).toEqual(unbroken.finals);
  }, 30_000);
});
