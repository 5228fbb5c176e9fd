/** Live sessions that move from one gateway to another, with a scripted engine that says what it was given. */
import { once } from 'node:events';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nodeClock } from '../../src/app/node-clock.ts';
import type { Broker, LiveEvent, LiveRequest } from '../../src/core/index.ts';
import { DEFAULT_DECODE_OPTIONS, ScriptoriumError, millis } from '../../src/core/index.ts';
import { scriptedEngine } from '../../src/engines/scripted/index.ts';
import { createLiveSessions } from '../../src/gateway/live/create-live-sessions.ts';
import { endOrphans } from '../../src/gateway/live/end-orphans.ts';
import { liveLoad } from '../../src/gateway/live/live-load.ts';
import { liveMetrics } from '../../src/gateway/live/live-metrics.ts';
import type { Attachment, LiveSessions } from '../../src/gateway/live/live-sessions.ts';
import { DEFAULT_LIVE_SETTINGS } from '../../src/gateway/live/live-settings.ts';
import {
  fileService,
  loadVad,
  noTelemetry,
  removeFolder,
  tempFolder,
  type FileService,
} from './testing/file-service.ts';
import { loudEar, samplesDecoder } from './testing/loud-ear.ts';

const RATE = 16_000;
const REQUEST: LiveRequest = {
  dialect: 'live',
  model: 'scripted',
  audio: { encoding: 'pcm_s16le', sampleRate: RATE, channels: 1 },
  turns: { mode: 'vad', silence: millis(500), threshold: 0.5, prefix: millis(0), longest: millis(28_000) },
  options: { ...DEFAULT_DECODE_OPTIONS, words: true },
  partials: true,
  metadata: {},
};

let folder: string;
let service: FileService;

beforeEach(async () => {
  folder = await tempFolder();
  const engine = scriptedEngine({ clock: nodeClock, concurrency: 4, service: () => millis(2) });
  service = await fileService({ folder, engine, vad: await loadVad() });
});
afterEach(async () => {
  await service.stop('give-back');
  await removeFolder(folder);
});

function gateway(broker: Broker = service.broker): LiveSessions {
  return createLiveSessions({
    broker,
    clock: nodeClock,
    telemetry: noTelemetry,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    settings: DEFAULT_LIVE_SETTINGS,
    metrics: liveMetrics(noTelemetry.meter, liveLoad()),
    liveLoad: liveLoad(),
    load: () => 'normal',
    openDecoder: samplesDecoder,
    openEar: async (turns, before) => loudEar(turns, before),
  });
}

/** The broker to somebody whom no news of live sessions reach. */
function withoutNews(broker: Broker): Broker {
  const events: Broker['live']['events'] = {
    ...broker.live.events,
    // eslint-disable-next-line require-yield
    async *follow(_session, _after, signal) {
      await once(signal, 'abort');
    },
  };
  return { ...broker, live: { ...broker.live, events } };
}

const nobody = (): void => {};
/** Of a socket that stays open. */
const here = new AbortController().signal;

/** Bytes of pauses and of noise that is never the same twice. */
function spoken(...seconds: readonly number[]): Uint8Array {
  const pieces = seconds.map((length, index) =>
    Int16Array.from({ length: Math.round(length * RATE) }, (_, i) =>
      index % 2 === 0 ? 0 : (((i + 1) * (index + 7919)) % 20_000) - 10_000 || 5000,
    ),
  );
  return new Uint8Array(Buffer.concat(pieces.map((piece) => Buffer.from(piece.buffer))));
}

async function eventsOf(id: string): Promise<readonly LiveEvent[]> {
  const logged = await service.broker.live.events.read(id, 0, 10_000);
  expect(logged.map(({ seq }) => seq)).toEqual(logged.map((_, i) => i + 1));
  return logged.map(({ event }) => event);
}

/** Says a whole stream, moving to another gateway at each of these places; @returns all events. */
async function said(stream: Uint8Array, cuts: readonly number[]): Promise<readonly LiveEvent[]> {
  let { session, resumeToken }: Attachment = await gateway().start('somebody', REQUEST, nobody);
  let at = 0;
  for (const cut of [...cuts, stream.length]) {
    for (; at < cut; at += 3200) await session.push(stream.subarray(at, Math.min(at + 3200, cut)));
    if (cut === stream.length) break;
    // What the old one has is as it is: it is not told, and does not stop.
    ({ session, resumeToken } = await gateway().resume('somebody', session.id, resumeToken, nobody, here));
    at = session.received().bytes;
  }
  await session.end('done');
  return eventsOf(session.id);
}

const textsOf = (events: readonly LiveEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'final' ? [event.text] : []));

test('however often a session moves, its finals and its ledger are the same', async () => {
  const stream = spoken(0.5, 1.2, 0.8, 0.7, 1, 2, 0.6);
  const whole = await said(stream, []);
  expect(textsOf(whole)).toHaveLength(3);
  const places = fc.uniqueArray(fc.nat(stream.length / 2 - 1), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(places, async (found) => {
      const events = await said(
        stream,
        found.map((place) => place * 2).toSorted((a, b) => a - b),
      );
      expect(textsOf(events)).toEqual(textsOf(whole));
      const [ended, expected] = [events.at(-1), whole.at(-1)];
      if (ended?.type !== 'ended' || expected?.type !== 'ended') throw new Error('not ended');
      expect(ended.ledger).toEqual(expected.ledger);
      expect(ended.figures.resumes).toBe(found.length);
      expect(events.filter(({ type }) => type === 'moved')).toHaveLength(found.length);
    }),
    { numRuns: 12 },
  );
});

test('a gateway whose session has moved takes and writes nothing more, and says so', async () => {
  const [one, other] = [gateway(), gateway()];
  let lost: ScriptoriumError | undefined;
  const { session, resumeToken } = await one.start('somebody', REQUEST, (error) => (lost = error));
  await session.push(spoken(0, 1));
  const taken = await other.resume('somebody', session.id, resumeToken, nobody, here);
  await expect(session.push(spoken(0, 1))).rejects.toMatchObject({ code: 'session-superseded' });
  await expect.poll(() => lost?.code).toBe('session-superseded');
  expect(one.counts()).toEqual({ attached: 0, detached: 0 });
  await taken.end('done');
  expect((await eventsOf(session.id)).filter(({ type }) => type === 'ended')).toHaveLength(1);
});

test('a gateway that has not heard that its session has moved takes it anew when its client comes back', async () => {
  const deaf = gateway(withoutNews(service.broker));
  const { session, resumeToken } = await deaf.start('somebody', REQUEST, nobody);
  await session.push(spoken(0, 1));
  const { session: moved } = await gateway().resume('somebody', session.id, resumeToken, nobody, here);
  await moved.push(spoken(1, 1));
  let lost: ScriptoriumError | undefined;
  const back = await deaf.resume('somebody', session.id, resumeToken, (error) => (lost = error), here);
  expect(back.session.hub.view().epoch).toBe(2);
  expect(back.session.received()).toEqual(moved.received());
  await back.session.push(spoken(0, 1));
  expect(lost).toBeUndefined();
  expect(deaf.counts()).toEqual({ attached: 1, detached: 0 });
});

interface Hold {
  /** Resolves when the reader has come. */
  readonly reached: Promise<void>;
  readonly release: () => void;
}

/** The broker, and what makes its next reader of events wait. */
function withSlowRead(broker: Broker): { readonly broker: Broker; hold(): Hold } {
  let gate: Promise<void> | undefined;
  let reach = (): void => {};
  const events: Broker['live']['events'] = {
    ...broker.live.events,
    async read(...args) {
      if (gate !== undefined) {
        const waited = gate;
        gate = undefined;
        reach();
        await waited;
      }
      return broker.live.events.read(...args);
    },
  };
  return {
    broker: { ...broker, live: { ...broker.live, events } },
    hold() {
      let release = (): void => {};
      gate = new Promise((resolve) => (release = resolve));
      const reached = new Promise<void>((resolve) => (reach = resolve));
      return { reached, release };
    },
  };
}

test('a client that comes back just when its gateway stops is sent to another, where it goes on', async () => {
  const slow = withSlowRead(service.broker);
  const one = gateway(slow.broker);
  const { session, resumeToken } = await one.start('somebody', REQUEST, nobody);
  await session.push(spoken(0, 1));
  const { reached, release } = slow.hold();
  const resuming = one.resume('somebody', session.id, resumeToken, nobody, here).catch((error: unknown) => error);
  await reached;
  await one.letGo();
  release();
  expect(await resuming).toMatchObject({ code: 'server-draining' });
  const again = await gateway().resume('somebody', session.id, resumeToken, nobody, here);
  await again.session.push(spoken(0, 1));
  await again.end('done');
});

test('a client that comes back to a gateway that stops is sent to another, though its session is there still', async () => {
  const one = gateway();
  const { session, resumeToken, ...attached } = await one.start('somebody', REQUEST, nobody);
  attached.detach();
  one.drain();
  await expect(one.resume('somebody', session.id, resumeToken, nobody, here)).rejects.toMatchObject({
    code: 'server-draining',
  });
  await one.letGo();
  await (await gateway().resume('somebody', session.id, resumeToken, nobody, here)).end('done');
});

test('a client that comes back to a gateway just when its session moves has it there again', async () => {
  const slow = withSlowRead(service.broker);
  const [one, other] = [gateway(slow.broker), gateway()];
  const { session, resumeToken } = await one.start('somebody', REQUEST, nobody);
  await session.push(spoken(0, 1));
  const { reached, release } = slow.hold();
  const resuming = one.resume('somebody', session.id, resumeToken, nobody, here);
  await reached;
  await other.resume('somebody', session.id, resumeToken, nobody, here);
  await vi.waitFor(() => expect(one.counts()).toEqual({ attached: 0, detached: 0 }));
  release();
  const again = await resuming;
  await again.session.push(spoken(0, 1));
  await again.end('done');
});

test('while nobody can say where a session is, its client is told to come again, and not that there is none', async () => {
  const { broker } = service;
  const unreachable = new ScriptoriumError('broker-unreachable', 'gone');
  const { sessions, events } = broker.live;
  const away: Broker = {
    ...broker,
    live: {
      ...broker.live,
      sessions: { ...sessions, read: async () => Promise.reject(unreachable) },
      events: { ...events, read: async () => Promise.reject(unreachable) },
    },
  };
  const [one, other] = [gateway(), gateway(away)];
  const { session, resumeToken, viewToken } = await one.start('somebody', REQUEST, nobody);
  const looking = other.resume('somebody', session.id, resumeToken, nobody, here);
  await expect(looking).rejects.toMatchObject({ code: 'broker-unreachable' });
  await expect(other.watch(session.id, viewToken)).rejects.toMatchObject({ code: 'broker-unreachable' });
  const own = await other.start('somebody', REQUEST, nobody);
  await expect(other.resume('somebody', own.session.id, own.resumeToken, nobody, here)).rejects.toMatchObject({
    code: 'broker-unreachable',
  });
});

test('a request to resume that lay unread, while its client went elsewhere, takes nothing from where that is', async () => {
  const one = gateway();
  let lost: ScriptoriumError | undefined;
  const { session, resumeToken } = await one.start('somebody', REQUEST, (error) => (lost = error));
  await session.push(spoken(0, 1));
  for (const frozen of [gateway(), one]) {
    const socket = new AbortController();
    const late = frozen.resume('somebody', session.id, resumeToken, nobody, socket.signal);
    // The end of the socket is read right behind the request.
    setImmediate(() => socket.abort());
    await expect(late).rejects.toMatchObject({ code: 'cancelled' });
  }
  await session.push(spoken(1, 2));
  expect(lost).toBeUndefined();
  expect(one.counts()).toEqual({ attached: 1, detached: 0 });
  expect((await eventsOf(session.id)).map(({ type }) => type)).not.toContain('moved');
});

test('what the client asked for and was not answered is answered by the next', async () => {
  const { session, resumeToken } = await gateway().start('somebody', REQUEST, nobody);
  await session.push(spoken(0.2, 1));
  await session.gap(3200);
  await session.finalize('one');
  const taken = await gateway().resume('somebody', session.id, resumeToken, nobody, here);
  await taken.end('done');
  const events = await eventsOf(session.id);
  expect(events).toContainEqual(expect.objectContaining({ type: 'finalized', id: 'one' }));
  expect(events.at(-1)).toMatchObject({ type: 'ended', ledger: { dropped: { gap: 1600 } } });
});

test('what the client has changed goes with the session', async () => {
  const { session, resumeToken } = await gateway().start('somebody', REQUEST, nobody);
  const turns = { ...REQUEST.turns, mode: 'manual' } as const;
  await session.update({ turns });
  const taken = await gateway().resume('somebody', session.id, resumeToken, nobody, here);
  expect(taken.session.request()).toEqual({ ...REQUEST, turns });
  await taken.end('done');
});

test('who only watches sees the same at any gateway', async () => {
  const { session, viewToken, ...attached } = await gateway().start('somebody', REQUEST, nobody);
  const watched = await gateway().watch(session.id, viewToken);
  await session.push(spoken(0.2, 1, 1));
  await attached.end('done');
  await expect.poll(() => watched.hub.view().ended).toBe(true);
  expect(watched.hub.view().seq).toBe((await eventsOf(session.id)).length);
  await watched.leave();
});

test('who watches where no news come is not behind what the log holds once it is asked', async () => {
  const { session, viewToken, ...attached } = await gateway().start('somebody', REQUEST, nobody);
  const watched = await gateway(withoutNews(service.broker)).watch(session.id, viewToken);
  await session.push(spoken(0.2, 1, 1));
  await attached.end('done');
  const told = await eventsOf(session.id);
  expect(watched.hub.view().seq).toBeLessThan(told.length);
  expect(await watched.hub.isCurrent()).toBe(true);
  expect(watched.hub.view().seq).toBe(told.length);
  expect(await watched.hub.read(0, told.length)).toHaveLength(told.length);
  await watched.leave();
});

test('nobody takes over without the token, the key, or a stream that can be gone on with', async () => {
  const { session, resumeToken } = await gateway().start('somebody', REQUEST, nobody);
  const packed = { ...REQUEST, audio: { ...REQUEST.audio, encoding: 'webm' as const } };
  const other = await gateway().start('somebody', packed, nobody);
  const unknown = { code: 'session-unknown' };
  await expect(gateway().resume('somebody', session.id, 'wrong', nobody, here)).rejects.toMatchObject(unknown);
  await expect(gateway().resume('another', session.id, resumeToken, nobody, here)).rejects.toMatchObject(unknown);
  await expect(gateway().resume('somebody', 'live_none', resumeToken, nobody, here)).rejects.toMatchObject(unknown);
  const { id } = other.session;
  await expect(gateway().resume('somebody', id, other.resumeToken, nobody, here)).rejects.toMatchObject(unknown);
  await session.end('done');
  await other.session.end('done');
});

test('one that has ended can be heard to its end at another', async () => {
  const { session, resumeToken, ...attached } = await gateway().start('somebody', REQUEST, nobody);
  await session.push(spoken(0.2, 1, 1));
  await attached.end('done');
  const taken = await gateway().resume('somebody', session.id, resumeToken, nobody, here);
  expect(taken.session.hub.view().ended).toBe(true);
  expect(await taken.session.hub.read(0, 100)).toHaveLength((await eventsOf(session.id)).length);
  expect((await eventsOf(session.id)).some(({ type }) => type === 'moved')).toBe(false);
});

test('a session that is left is there for others, and ended when nobody comes', async () => {
  const one = gateway();
  const { session } = await one.start('somebody', REQUEST, nobody);
  await session.push(spoken(0.2, 1, 1));
  await one.letGo();
  const { kept } = DEFAULT_LIVE_SETTINGS;
  expect(await endOrphans(service.broker, { kept, orphaned: millis(60_000) })).toBe(0);
  expect(await endOrphans(service.broker, { kept, orphaned: millis(0) })).toBe(1);
  expect((await eventsOf(session.id)).at(-1)).toMatchObject({ type: 'ended', reason: 'failed' });
  expect(await endOrphans(service.broker, { kept, orphaned: millis(0) })).toBe(0);
});
