/** The parts of a server as processes apart, with Redis between them, and what a client sees when they die. */
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { createClient, type LiveEvent } from '../../src/client/index.ts';
import { HAS_REDIS } from '../testing/redis-server.ts';
import { JFK, mustBeBuilt } from './testing/running-server.ts';
import { startSite, type Member, type Site } from './testing/site.ts';

/** Behind RIFF's head. */
const WAV_HEAD = 44;
const BYTES_A_SECOND = 32_000;
const FRAME = 3200;

describe.skipIf(!HAS_REDIS)('a site on Redis', () => {
  let site: Site;
  let speech: Uint8Array;
  let gateways: Member[];

  beforeAll(async () => {
    mustBeBuilt();
    speech = Buffer.concat([(await readFile(JFK)).subarray(WAV_HEAD), new Uint8Array(2 * BYTES_A_SECOND)]);
    site = await startSite('--engine', 'scripted');
    const [one, two] = await Promise.all([
      site.start('gateway'),
      site.start('gateway'),
      site.start('worker'),
      site.start('aggregator'),
    ]);
    gateways = [one, two];
  });
  afterAll(async () => site[Symbol.asyncDispose]());

  /** Speaks, with something happening at some places of the stream. */
  async function speak(happenings: readonly { readonly at: number; readonly what: () => Promise<void> | void }[] = []) {
    const session = createClient({ url: site.url }).live();
    const events: LiveEvent[] = [];
    const listening = (async () => {
      for await (const event of session) events.push(event);
    })();
    let waiting = [...happenings];
    for (let at = 0; at < speech.length; at += FRAME) {
      for (const { what } of waiting.filter((one) => one.at <= at)) await what();
      waiting = waiting.filter((one) => one.at > at);
      await session.send(speech.subarray(at, at + FRAME));
    }
    const [ended] = await Promise.all([session.end(), listening]);
    const finals = events.flatMap((event) =>
      event.type === 'final' ? [[event.segment, event.text, event.start_ms]] : [],
    );
    return { ended, events, finals };
  }

  test('a file goes in at one gateway and its text comes out at the other', async () => {
    const [one, two] = gateways.map(({ url }) => createClient({ url }));
    const made = await one?.jobs.create(new File([await openAsBlob(JFK)], 'jfk.wav'), {});
    const done = await two?.jobs.wait(made?.id ?? '');
    expect(done).toMatchObject({ status: 'succeeded' });
  });

  test("a client secret of OpenAI's Realtime that one gateway gave begins its session at the other", async () => {
    const [one, two] = gateways.map(({ url }) => url);
    const input = { transcription: { model: 'whisper-1', prompt: 'Ask not.' }, turn_detection: null };
    const body = JSON.stringify({ session: { type: 'transcription', audio: { input } } });
    const answer = await fetch(`${one}/v1/realtime/client_secrets`, { method: 'POST', body });
    const { value } = z.object({ value: z.string().startsWith('ek_') }).parse(await answer.json());
    const protocols = ['realtime', `openai-insecure-api-key.${value}`];
    const socket = new WebSocket(`${two?.replace('http', 'ws')}/v1/realtime?intent=transcription`, protocols);
    const first = await new Promise<string>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('message', (data: Buffer) => resolve(data.toString('utf8')));
    });
    socket.terminate();
    expect(JSON.parse(first)).toMatchObject({ type: 'session.created', session: { audio: { input } } });
  });

  test('live sessions outlive their gateways, with the same finals and every sample accounted for', async () => {
    const unbroken = await speak();
    expect(unbroken.finals.length).toBeGreaterThan(1);
    const killed = await speak([
      {
        at: 4 * BYTES_A_SECOND,
        async what() {
          const [gone] = gateways;
          gone?.signal('SIGKILL');
          await gone?.exited;
          gateways = [...gateways.slice(1), await site.start('gateway')];
        },
      },
      {
        at: 8 * BYTES_A_SECOND,
        async what() {
          const [gone] = gateways;
          gone?.signal('SIGKILL');
          await gone?.exited;
          gateways = [...gateways.slice(1), await site.start('gateway')];
        },
      },
    ]);
    expect(killed.finals).toEqual(unbroken.finals);
    expect(killed.ended).toMatchObject({ reason: 'done', ledger: { received: speech.length / 2 } });
    expect(killed.events.filter(({ type }) => type === 'continued')).toEqual([]);
    expect(killed.events.some(({ type }) => type === 'moved')).toBe(true);
  });

  test('a rolling restart of everything is in no transcript', async () => {
    const unbroken = await speak();
    const restart = (role: Member['role'], at: number) => ({
      at,
      async what() {
        const [old] = site.members().filter((member) => member.role === role);
        const fresh = await site.start(role);
        old?.signal('SIGTERM');
        if (role === 'gateway') gateways = [...gateways.filter((one) => one !== old), fresh];
      },
    });
    const rolled = await speak([
      restart('worker', BYTES_A_SECOND),
      restart('gateway', 3 * BYTES_A_SECOND),
      restart('aggregator', 5 * BYTES_A_SECOND),
      restart('gateway', 7 * BYTES_A_SECOND),
    ]);
    expect(rolled.finals).toEqual(unbroken.finals);
    expect(rolled.ended).toMatchObject({ reason: 'done', ledger: { received: speech.length / 2 } });
  });

  test('a Redis that is killed under live speech and back after three seconds is noticed by nobody who speaks', async () => {
    const unbroken = await speak();
    const [{ url }] = [gateways[0] ?? { url: '' }];
    let refused: Response | undefined;
    const outlived = await speak([
      {
        at: 4 * BYTES_A_SECOND,
        async what() {
          await site.redis.kill();
          await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
          const body = new FormData();
          body.append('model', 'whisper-1');
          body.append('file', await openAsBlob(JFK), 'jfk.wav');
          refused = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body });
          setTimeout(() => void site.redis.start(), 3000);
        },
      },
    ]);
    expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([503, '5']);
    expect(outlived.finals).toEqual(unbroken.finals);
    expect(outlived.ended).toMatchObject({ reason: 'done', ledger: { received: speech.length / 2 } });
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
  });
});
