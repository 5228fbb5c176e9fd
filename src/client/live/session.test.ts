import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { all, clientOf, lasting, sound, speak } from '../testing/speaking.ts';
import { strictServer } from '../testing/strict-server.ts';
import type { LiveEvent } from './events.ts';
import type { LiveOptions } from './options.ts';
import type { LiveSession } from './session.ts';

const typesOf = (events: readonly LiveEvent[]): string[] => events.map(({ type }) => type);
const isBytes = (a: Uint8Array | undefined, b: Uint8Array): boolean => a !== undefined && Buffer.compare(a, b) === 0;

test('sends what it is given and tells what the server does, in order, to the end', async () => {
  await using server = await strictServer();
  const session = clientOf(server).live({ model: 'made-up' });
  const events = all(session);
  const bytes = sound(40_001);
  expect(await speak(session, bytes, 3200)).toMatchObject({ type: 'ended', reason: 'done', segments: 2 });
  expect(typesOf(await events)).toEqual([
    'started',
    'speech_start',
    'partial',
    'partial',
    'partial',
    'speech_end',
    'final',
    'speech_start',
    'partial',
    'speech_end',
    'final',
    'ended',
  ]);
  expect(isBytes(server.sessions[0]?.bytes(), bytes)).toBe(true);
  expect(session.session()).toEqual({ id: 'live_0', viewToken: 'view-live_0' });
  expect(server.violations).toEqual([]);
});

test('wherever sockets are cut, the server has exactly the bytes that were sent, and the events are those of an uncut run', async () => {
  const bytes = sound(100_000);
  const finalizeAt = [2, 17];
  async function run(
    cuts: readonly number[],
    messageCuts: readonly number[],
    frame: number,
    credit: number,
    unsafe: number,
    acksFirst: boolean,
  ) {
    await using server = await strictServer({ credit, ackEvery: credit, unsafe, acksFirst });
    server.cutAt(cuts);
    server.cutBehind(messageCuts);
    const session = clientOf(server).live({ whenFull: 'wait' });
    const events = all(session);
    await speak(session, bytes, frame, finalizeAt);
    const told = await events;
    expect(server.violations).toEqual([]);
    expect(server.sessions.map((one) => isBytes(one.bytes(), bytes))).toEqual([true]);
    expect(told.filter((event) => event.type === 'reconnecting' && event.code === 'protocol-violated')).toEqual([]);
    return { events: lasting(told), connections: server.connections() };
  }
  const offsets = fc.array(fc.nat(110_000), { maxLength: 5 });
  const messages = fc.array(fc.integer({ min: 2, max: 60 }), { maxLength: 5 });
  const uncut = new Map<number, object[]>();
  await fc.assert(
    fc.asyncProperty(
      offsets,
      messages,
      fc.constantFrom(1777, 3200, 4096),
      fc.integer({ min: 2, max: 20_000 }),
      fc.nat(30_000),
      fc.boolean(),
      async (cuts, messageCuts, frame, credit, unsafe, acksFirst) => {
        const expected = uncut.get(frame) ?? (await run([], [], frame, 64_000, 0, false)).events;
        uncut.set(frame, expected);
        expect((await run(cuts, messageCuts, frame, Math.max(credit, 2000), unsafe, acksFirst)).events).toEqual(
          expected,
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('a server that lost the session gets a new one, which goes on behind the last final', async () => {
  await using server = await strictServer();
  const session = clientOf(server).live();
  const events: LiveEvent[] = [];
  const bytes = sound(80_000);
  await session.send(bytes.subarray(0, 50_000));
  const ended = (async () => {
    for await (const event of session) {
      events.push(event);
      if (event.type !== 'partial' || event.segment !== 1 || event.rev !== 2) continue;
      server.forget();
      server.cut();
      await session.send(bytes.subarray(50_000));
      void session.end();
    }
  })();
  await ended;
  expect(server.violations).toEqual([]);
  expect(events.find(({ type }) => type === 'continued')).toMatchObject({
    session_id: 'live_1',
    before: 'live_0',
    from_ms: 1000,
    lost_ms: 0,
  });
  expect(server.sessions[1]?.facts.continues).toEqual({ session_id: 'live_0', bytes: 32_000 });
  expect(isBytes(server.sessions[1]?.bytes(), bytes.subarray(32_000))).toBe(true);
  const finals = events.flatMap((event) => (event.type === 'final' ? [event] : []));
  expect(finals.map(({ segment, start_ms, end_ms }) => [segment, start_ms, end_ms])).toEqual([
    [0, 0, 1000],
    [2, 1000, 2000],
    [3, 2000, 2500],
  ]);
  expect(finals[1]?.words?.[0]).toMatchObject({ start_ms: 1000, end_ms: 2000 });
});

test('sound that cannot wait is dropped from the oldest on, as a gap of whole samples, and that is told', async () => {
  await using server = await strictServer({ replayMs: 1000 });
  const session = clientOf(server).live({ whenFull: 'gap' });
  let isAway = (): void => {};
  const away = new Promise<void>((resolve) => (isAway = resolve));
  const events = (async () => {
    const told: LiveEvent[] = [];
    for await (const event of session) {
      told.push(event);
      if (event.type === 'reconnecting') isAway();
    }
    return told;
  })();
  const bytes = sound(96_000);
  await session.send(bytes.subarray(0, 16_001));
  await session.finalize();
  server.refuse(503);
  server.cut();
  await away;
  for (let at = 16_001; at < bytes.length; at += 3200) await session.send(bytes.subarray(at, at + 3200));
  server.refuse(undefined);
  await session.end();
  const dropped = (await events).flatMap((event) => (event.type === 'dropped' ? [event.bytes] : []));
  const gap = dropped.reduce((sum, one) => sum + one, 0);
  expect(gap).toBeGreaterThan(96_000 - 16_001 - 32_000 - 3200);
  const heard = server.sessions[0];
  expect(heard?.gaps().reduce((sum, one) => sum + one.bytes, 0)).toBe(gap);
  const expected = Uint8Array.from(bytes);
  for (const { at, bytes: length } of heard?.gaps() ?? []) expected.fill(0, at, at + length);
  expect(isBytes(heard?.bytes(), expected)).toBe(true);
  expect(server.violations).toEqual([]);
});

test('sends no faster than the credit, and refuses what is given without waiting for room', async () => {
  await using server = await strictServer({ credit: 4000, ackEvery: 4000, replayMs: 1000 });
  const session = clientOf(server).live();
  await session.send(sound(3200));
  const refused: string[] = [];
  const sends = Array.from({ length: 40 }, () =>
    session.send(sound(3200)).catch((error: unknown) => void refused.push(codeOf(error))),
  );
  await Promise.all(sends);
  await session.end();
  expect(new Set(refused)).toEqual(new Set(['audio-ahead']));
  expect(server.sessions[0]?.received()).toBe((41 - refused.length) * 3200);
  expect(server.violations).toEqual([]);
});

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'none');

const failure = async (session: LiveSession): Promise<string> => {
  const ended = session.end().catch(codeOf);
  try {
    await all(session);
  } catch (error) {
    expect(await ended).toBe(codeOf(error));
    return codeOf(error);
  }
  return 'none';
};

test('a close code that names an error ends the session with it, and nothing is tried again', async () => {
  for (const [code, expected] of [
    [4400, 'request-invalid'],
    [4401, 'key-invalid'],
    [4403, 'key-forbidden'],
    [4409, 'session-superseded'],
    [4413, 'frame-too-large'],
    [4415, 'audio-format-unsupported'],
  ] as const) {
    await using server = await strictServer();
    const session = clientOf(server).live();
    await session.send(sound(100));
    server.close(code);
    let thrown = 'none';
    try {
      await all(session);
    } catch (error) {
      thrown = codeOf(error);
    }
    expect([code, thrown]).toEqual([code, expected]);
    expect(server.connections()).toBe(1);
    await expect(session.send(sound(1))).rejects.toMatchObject({ code: expected });
  }
});

test('what may be another time is tried again: restarts, overload, slow readers, internal errors', async () => {
  for (const code of [1001, 1011, 4408, 4414, 4429, 4503]) {
    await using server = await strictServer();
    const session = clientOf(server).live();
    const events = all(session);
    await session.send(sound(5000));
    server.close(code, { type: 'error', code: 'server-busy', message: 'Later.', fatal: true, retry_after_ms: 500 });
    await speak(session, sound(5000), 1000);
    const told = await events;
    expect(told).toContainEqual({
      type: 'reconnecting',
      attempt: 1,
      delay_ms: 500,
      code: 'server-busy',
      message: 'Later.',
    });
    expect(typesOf(told)).toContain('resumed');
    expect(server.sessions[0]?.received()).toBe(10_000);
  }
});

test('a server that stops is left at once, and only when it closes', async () => {
  await using server = await strictServer();
  const session = clientOf(server).live();
  const events = all(session);
  await session.send(sound(100));
  server.say({ type: 'draining', deadline_ms: 30_000 });
  await session.send(sound(100));
  server.close(1001);
  await speak(session, sound(100), 50);
  const told = await events;
  expect(told).toContainEqual({ type: 'draining', deadline_ms: 30_000 });
  expect(told.find(({ type }) => type === 'reconnecting')).toMatchObject({ attempt: 1, delay_ms: 0 });
});

test('a server that went silent is left for another connection', async () => {
  await using server = await strictServer();
  const session = clientOf(server).live({ times: { silence: 40_000 } });
  const events = all(session);
  await session.send(sound(100));
  server.freeze();
  await speak(session, sound(9000), 3000);
  expect((await events).find(({ type }) => type === 'reconnecting')).toMatchObject({ code: 'server-unreachable' });
  expect(server.sessions[0]?.received()).toBe(9100);
});

test('gives up in a bounded time when the server is away, and says so by name', async () => {
  await using server = await strictServer();
  const session = clientOf(server).live({ times: { reconnect: 20_000 } });
  await session.send(sound(100));
  server.refuse(502);
  server.cut();
  expect(await failure(session)).toBe('reconnect-timeout');
  expect(server.connections()).toBeLessThan(12);
});

test('gives up on a server that loses every session, with pauses that grow until then', async () => {
  await using server = await strictServer();
  const session = clientOf(server).live();
  const pauses: number[] = [];
  const losing = (async () => {
    for await (const event of session) {
      if (event.type === 'reconnecting') pauses.push(event.delay_ms);
      if (event.type !== 'started' && event.type !== 'continued') continue;
      server.forget();
      server.cut();
    }
  })();
  await expect(losing).rejects.toMatchObject({ code: 'session-unknown' });
  expect(server.sessions.length).toBeLessThan(12);
  expect(Math.max(...pauses)).toBe(6000);
});

test('a first connection that cannot be made is told at once; so is a wrong key, and a full server is waited for', async () => {
  const away = clientOf({ url: 'http://127.0.0.1:9' }).live();
  expect(await failure(away)).toBe('server-unreachable');
  await using server = await strictServer({ key: 'right' });
  expect(await failure(clientOf(server, 'wrong').live())).toBe('key-invalid');
  server.refuse(401);
  expect(await failure(clientOf(server).live())).toBe('key-invalid');
  server.refuse(503);
  const session = clientOf(server).live();
  const events: string[] = [];
  for await (const event of session) {
    events.push(event.type);
    if (event.type === 'reconnecting') server.refuse(undefined);
    if (event.type === 'started') void session.end();
  }
  expect(events).toEqual(['reconnecting', 'started', 'ended']);
});

test('leaving ends everything that waits, and the events', async () => {
  await using server = await strictServer({ credit: 100, ackEvery: 1000 });
  const session = clientOf(server).live();
  const events = all(session);
  const sending = session.send(sound(1000)).catch(codeOf);
  session.abort();
  expect(await sending).toBe('cancelled');
  expect(typesOf(await events)).not.toContain('ended');
  await expect(session.finalize()).rejects.toMatchObject({ code: 'cancelled' });
});

test('takes samples as well as bytes, and keeps no array of the caller', async () => {
  await using server = await strictServer();
  const options: LiveOptions = {};
  const session = clientOf(server).live(options);
  const floats = new Float32Array([0, 0.5, -1, 2, Number.NaN]);
  await Promise.all([session.send(floats.fill(0.25, 1, 2)), session.send(new Int16Array([1, -2]))]);
  floats.fill(9);
  await session.send(Uint8Array.of(7, 8).buffer);
  await session.end();
  const view = new Int16Array(Uint8Array.from(server.sessions[0]?.bytes() ?? []).buffer);
  expect([...view]).toEqual([0, 8192, -32_768, 32_767, 0, 1, -2, 0x0807]);
  const telephone = clientOf(server).live({ audio: { encoding: 'mulaw', sample_rate: 8000, channels: 1 } });
  await expect(telephone.send(new Float32Array(1))).rejects.toMatchObject({ code: 'request-invalid' });
  telephone.abort();
  const audio = { encoding: 'webm', sample_rate: 48_000, channels: 1 } as const;
  expect(() => clientOf(server).live({ audio, whenFull: 'gap' })).toThrow("whenFull must be 'wait'");
});
