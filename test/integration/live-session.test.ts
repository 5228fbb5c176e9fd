/** A live session's way through broker, worker and aggregator, with a scripted engine that says what it was given. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nodeClock } from '../../src/app/node-clock.ts';
import type { Broker, LiveEvent, LiveRecord, LiveRequest, LoadStep, Millis } from '../../src/core/index.ts';
import {
  DEFAULT_DECODE_OPTIONS,
  LIVE_VERSION,
  NEW_LIVE_VIEW,
  endOfSaid,
  millis,
  millisToSamples,
  samples,
} from '../../src/core/index.ts';
import { scriptedEngine, scriptedText, type Fault, type ScriptedEngine } from '../../src/engines/scripted/index.ts';
import { endOrphans } from '../../src/gateway/live/end-orphans.ts';
import { liveLoad } from '../../src/gateway/live/live-load.ts';
import { liveMetrics } from '../../src/gateway/live/live-metrics.ts';
import type { LiveSession } from '../../src/gateway/live/live-session.ts';
import { openLiveSession } from '../../src/gateway/live/open-live-session.ts';
import { DEFAULT_LIVE_SETTINGS, type LiveSettings } from '../../src/gateway/live/live-settings.ts';
import {
  fileService,
  loadVad,
  noTelemetry,
  removeFolder,
  tempFolder,
  type FileService,
} from './testing/file-service.ts';
import { loudEar, samplesDecoder } from './testing/loud-ear.ts';

const REQUEST: LiveRequest = {
  dialect: 'live',
  model: 'scripted',
  audio: { encoding: 'pcm_s16le', sampleRate: 16_000, channels: 1 },
  turns: { mode: 'vad', silence: millis(500), threshold: 0.5, prefix: millis(0), longest: millis(28_000) },
  options: { ...DEFAULT_DECODE_OPTIONS, words: true },
  partials: true,
  metadata: {},
};
const RATE = 16_000;

let folder: string;
let service: FileService;
let step: LoadStep = 'normal';

beforeEach(async () => {
  folder = await tempFolder();
  step = 'normal';
});
afterEach(async () => {
  await service.stop('give-back');
  await removeFolder(folder);
});

async function opened(
  engine: ScriptedEngine = engineThat(),
  id = 'live_1',
  { worker, settings = DEFAULT_LIVE_SETTINGS }: { worker?: (broker: Broker) => Broker; settings?: LiveSettings } = {},
): Promise<LiveSession> {
  const changed = worker === undefined ? {} : { worker };
  service = await fileService({ folder, engine, vad: await loadVad(), changed });
  const { broker } = service;
  const record: LiveRecord = {
    v: LIVE_VERSION,
    request: REQUEST,
    createdAt: broker.now(),
    resumeHash: '',
    view: NEW_LIVE_VIEW,
    held: [],
    carry: { gap: samples(0), finalizing: [], cleared: [], aliveAt: broker.now() },
  };
  await broker.live.sessions.create(id, 'somebody', record);
  return openLiveSession(
    { id, tenant: 'somebody', start: { request: REQUEST, view: NEW_LIVE_VIEW }, onMoved: () => {} },
    {
      broker,
      clock: nodeClock,
      telemetry: noTelemetry,
      settings,
      openDecoder: samplesDecoder,
      openEar: async (turns) => loudEar(turns),
      load: () => step,
    },
    liveMetrics(noTelemetry.meter, liveLoad()),
  );
}

const engineThat = (fault: () => Fault | undefined = () => undefined, ms = 5): ScriptedEngine =>
  scriptedEngine({ clock: nodeClock, concurrency: 4, service: (): Millis => millis(ms), fault });

/** Noise that is never the same twice. */
function loud(seconds: number, seed: number): Int16Array {
  return Int16Array.from({ length: seconds * RATE }, (_, i) => (((i + 1) * (seed + 7919)) % 20_000) - 10_000 || 5000);
}
const quiet = (seconds: number): Int16Array => new Int16Array(seconds * RATE);

async function say(session: LiveSession, ...pieces: readonly Int16Array[]): Promise<void> {
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; from += 1600) {
      await session.push(new Uint8Array(piece.slice(from, from + 1600).buffer));
      // As long as a partial takes: a speaker gives more than that.
      if (from % 8000 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** @param at where it begins in its session, in seconds. */
const textOf = (pcm: Int16Array, at = 0): string =>
  scriptedText(
    Float32Array.from(pcm, (value) => value / 32_768),
    at * RATE,
  );

async function eventsOf(id = 'live_1'): Promise<readonly LiveEvent[]> {
  const logged = await service.broker.live.events.read(id, 0, 10_000);
  expect(logged.map(({ seq }) => seq)).toEqual(logged.map((_, i) => i + 1));
  return logged.map(({ event }) => event);
}
const finals = (events: readonly LiveEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
const last = (events: readonly LiveEvent[]): Extract<LiveEvent, { type: 'ended' }> => {
  const event = events.at(-1);
  if (event?.type !== 'ended') throw new Error(`the last event is ${event?.type}`);
  return event;
};

function expectClosed({ ledger }: Extract<LiveEvent, { type: 'ended' }>, received: number): void {
  const { transcribed, silence, suppressed, dropped } = ledger;
  expect(ledger.received).toBe(received);
  expect(transcribed + silence + suppressed['no-speech'] + dropped.failed + dropped.cleared + dropped.gap).toBe(
    received,
  );
}

test('tells partials that settle, then the final of all that was said, and closes its ledger', async () => {
  const session = await opened();
  const [one, two] = [loud(3, 1), loud(2, 2)];
  await say(session, quiet(1), one, quiet(1), two, quiet(1));
  await session.end('done');
  const events = await eventsOf();
  expect(finals(events)).toEqual([textOf(one, 1), textOf(two, 5)]);
  const partials = events.flatMap((event) => (event.type === 'partial' ? [event] : []));
  expect(partials.length).toBeGreaterThan(2);
  expect(Math.max(...partials.map(({ settled }) => settled))).toBeGreaterThan(2);
  for (const { utterance, text, stable } of partials) {
    expect(finals(events)[utterance]?.startsWith(text.slice(0, stable))).toBe(true);
  }
  expectClosed(last(events), 8 * RATE);
  expect(last(events).ledger).toMatchObject({ transcribed: 5 * RATE, silence: 3 * RATE });
});

test('what a first partial could not tell is asked for again with a little more sound', async () => {
  const engine = engineThat();
  let asked = 0;
  const session = await opened({
    ...engine,
    async transcribe(segment, options, signal) {
      const result = await engine.transcribe(segment, options, signal);
      return ++asked === 1 ? { ...result, text: '', words: [], tokens: [], spans: [] } : result;
    },
  });
  const partials = async (): Promise<readonly string[]> =>
    (await eventsOf()).flatMap((event) => (event.type === 'partial' ? [event.text] : []));
  const sound = loud(1, 1);
  const { firstPartial, firstPartialAgain, partialEvery } = DEFAULT_LIVE_SETTINGS;
  const first = millisToSamples(firstPartial);
  await say(session, sound.slice(0, first));
  await vi.waitFor(async () => expect(await partials()).toEqual(['']));
  expect(firstPartialAgain).toBeLessThan(partialEvery);
  await say(session, sound.slice(first, first + millisToSamples(firstPartialAgain)));
  await vi.waitFor(async () => expect(await partials()).toEqual(['', expect.stringMatching(/./)]));
  await session.end('done');
});

test('the decoder knows the end of what was said before, and forgets it in a long pause', async () => {
  const engine = engineThat();
  let asked: string | undefined;
  const session = await opened({
    ...engine,
    transcribe(segment, options, signal) {
      asked = options.prompt;
      return engine.transcribe(segment, options, signal);
    },
  });
  const prompts: (string | undefined)[] = [];
  for (const [index, pause] of [1, 10, 25, 1].entries()) {
    await say(session, loud(4, index + 1), quiet(pause));
    await vi.waitFor(async () => expect(finals(await eventsOf())).toHaveLength(index + 1));
    prompts.push(asked);
  }
  await session.end('done');
  const [first = '', second = ''] = finals(await eventsOf());
  expect(prompts).toEqual([undefined, endOfSaid(first), endOfSaid(`${first} ${second}`), undefined]);
});

test('what was heard in the pause that ended speech is the final, and is heard once', async () => {
  const heard: number[] = [];
  const engine = engineThat();
  const session = await opened({
    ...engine,
    transcribe(segment, options, signal) {
      // A partial, which is heard once whatever comes, may end there too.
      if (options.once !== true) heard.push(segment.pcm.length);
      return engine.transcribe(segment, options, signal);
    },
  });
  const [one, two] = [loud(1, 1), loud(1, 2)];
  // The first pause is too short to be an end: what was heard in it is a partial.
  await say(session, one, quiet(0.4), two, quiet(1));
  await session.end('done');
  const events = await eventsOf();
  const said = Int16Array.from([...one, ...quiet(0.4), ...two]);
  expect(finals(events)).toEqual([textOf(said)]);
  expect(heard.filter((length) => length === said.length)).toHaveLength(1);
});

test('a finalize ends the utterance at once, and is answered behind its final', async () => {
  const session = await opened();
  const one = loud(2, 1);
  await say(session, one);
  await session.finalize('f1');
  await session.end('done');
  const types = (await eventsOf()).map(({ type }) => type).filter((type) => type !== 'partial' && type !== 'language');
  expect(types).toEqual(['started', 'speech-start', 'speech-end', 'final', 'finalized', 'ended']);
  expect((await eventsOf()).find(({ type }) => type === 'finalized')).toMatchObject({ id: 'f1', bytes: 2 * 2 * RATE });
});

test('a finalize without speech is answered all the same', async () => {
  const session = await opened();
  await say(session, quiet(1));
  await session.finalize('f1');
  await session.end('done');
  expect((await eventsOf()).map(({ type }) => type)).toEqual(['started', 'finalized', 'ended']);
});

test('what is cleared has no text, and its sound is accounted for', async () => {
  const session = await opened();
  await say(session, loud(2, 1));
  await session.clear();
  const two = loud(1, 2);
  await say(session, two, quiet(1));
  await session.end('done');
  const events = await eventsOf();
  expect(finals(events)).toEqual(['', textOf(two, 2)]);
  expect(last(events).ledger.dropped.cleared).toBe(2 * RATE);
  expectClosed(last(events), 4 * RATE);
});

test('a gap moves the clock on and belongs to no utterance', async () => {
  const session = await opened();
  const [one, two] = [loud(1, 1), loud(1, 2)];
  await say(session, one);
  await session.gap(3 * RATE * 2);
  await say(session, two, quiet(1));
  await session.end('done');
  const events = await eventsOf();
  expect(finals(events)).toEqual([textOf(one), textOf(two, 4)]);
  expect(events.filter(({ type }) => type === 'speech-start')).toMatchObject([{ at: 0 }, { at: 4 * RATE }]);
  expect(last(events).ledger.dropped.gap).toBe(3 * RATE);
  expectClosed(last(events), 6 * RATE);
});

test('a gap may not be longer than a session, and a long one is stored piece by piece', async () => {
  const pieces: number[] = [];
  const session = await opened();
  const { audio } = service.broker;
  const append = audio.append.bind(audio);
  audio.append = (id, channel, at, pcm) => {
    pieces.push(pcm.length);
    return append(id, channel, at, pcm);
  };
  const hour = 3600 * RATE * 2;
  await expect(session.gap(2 * hour + 2)).rejects.toMatchObject({ code: 'request-invalid' });
  expect(session.received().bytes).toBe(0);
  await session.gap(60 * RATE * 2);
  await expect(session.gap(2 * hour - 50 * RATE * 2)).rejects.toMatchObject({ code: 'request-invalid' });
  await session.end('done');
  expect(Math.max(...pieces)).toBeLessThanOrEqual(10 * RATE);
  expectClosed(last(await eventsOf()), 60 * RATE);
});

test('nothing is written behind the end, whatever comes late', async () => {
  const session = await opened();
  await say(session, loud(1, 1));
  await session.end('done');
  const events = await eventsOf();
  await session.push(new Uint8Array(3200));
  await session.gap(3200);
  await session.finalize('late');
  await session.clear();
  expect(await eventsOf()).toEqual(events);
  expect(session.received().bytes).toBe(2 * RATE);
});

test('an engine that dies costs no word', async () => {
  let deaths = 3;
  const engine = engineThat(() => (deaths-- > 0 ? 'crash' : undefined));
  const session = await opened(engine);
  const one = loud(3, 1);
  await say(session, one, quiet(1));
  await session.end('done');
  expect(finals(await eventsOf())).toEqual([textOf(one)]);
});

test('an utterance that kills every engine fails alone, and the session goes on', async () => {
  const [one, two] = [loud(1, 1), loud(2, 2)];
  const engine = scriptedEngine({
    clock: nodeClock,
    concurrency: 4,
    service: () => millis(5),
    fault: ({ start }) => (start === 0 ? 'crash' : undefined),
  });
  const session = await opened(engine);
  await say(session, one, quiet(1), two, quiet(1));
  await session.end('done');
  const events = await eventsOf();
  expect(finals(events)).toEqual(['', textOf(two, 2)]);
  expect(last(events).ledger.dropped.failed).toBe(RATE);
  expectClosed(last(events), 5 * RATE);
});

test('what was heard and is lost on the way is heard once more', async () => {
  const isAnew = (id: string): boolean => /\/final\/\d+$/u.test(id);
  const session = await opened(engineThat(), 'live_1', {
    settings: { ...DEFAULT_LIVE_SETTINGS, finalLost: millis(20) },
    worker: (broker) => ({
      ...broker,
      results: {
        ...broker.results,
        async commit(lease, outcome) {
          if (isAnew(lease.id)) return broker.results.commit(lease, outcome);
          return (await broker.jobs.ack(lease)) ? 'committed' : 'stale';
        },
      },
    }),
  });
  const [one, two] = [loud(2, 1), loud(3, 2)];
  await say(session, quiet(1), one, quiet(1), two, quiet(1));
  await session.end('done');
  expect(finals(await eventsOf())).toEqual([textOf(one, 1), textOf(two, 4)]);
});

test('a server under load has no partials, and all finals', async () => {
  step = 'partials-none';
  const session = await opened();
  const one = loud(3, 1);
  await say(session, one, quiet(1));
  await session.end('done');
  const events = await eventsOf();
  expect(events.some(({ type }) => type === 'partial')).toBe(false);
  expect(finals(events)).toEqual([textOf(one)]);
});

test('a server that gives up partials hears what is open of long speech, and the final is that of all of it', async () => {
  const finalSounds: number[] = [];
  const engine = scriptedEngine({
    clock: nodeClock,
    concurrency: 4,
    service: ({ start, pcm }) => {
      if (start + pcm.length === 13 * RATE) finalSounds.push(pcm.length / RATE);
      return millis(5);
    },
  });
  const session = await opened(engine);
  const one = loud(12, 1);
  await say(session, quiet(1));
  // A speaker who waits for what is shown of each second, so that as much settles on any machine.
  for (let from = 0; from < one.length; from += RATE) {
    await say(session, one.subarray(from, from + RATE));
    await expect.poll(() => session.hub.view().open.at(-1)?.heard ?? 0).toBeGreaterThan(from + RATE);
  }
  step = 'partials-none';
  await say(session, quiet(1));
  await session.end('done');
  expect(finals(await eventsOf())).toEqual([textOf(one, 1)]);
  expect(finalSounds.at(-1)).toBeLessThan(9);
});

test('a session that a killed process left is ended by the next, its ledger closed', async () => {
  const session = await opened(engineThat(() => undefined, 100_000));
  await say(session, quiet(1), loud(2, 1));
  await session.hub.close();
  await service.stop('give-back');
  service = await fileService({ folder, engine: engineThat(), vad: await loadVad() });
  const bounds = { kept: millis(60_000), orphaned: millis(0) };
  expect(await endOrphans(service.broker, bounds)).toBe(1);
  const events = await eventsOf();
  expect(last(events)).toMatchObject({ reason: 'failed' });
  expectClosed(last(events), 3 * RATE);
  expect(await endOrphans(service.broker, bounds)).toBe(0);
});
