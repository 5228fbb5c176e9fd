import { expect, test } from 'vitest';
import { clientOf, sound } from '../testing/speaking.ts';
import { strictServer, type StrictServer } from '../testing/strict-server.ts';
import type { LiveEvent } from './events.ts';
import type { LiveSession } from './session.ts';

const PACKED = ['ogg', 'webm', 'flac', 'wav'] as const;

/** Every event, while the server loses the session once, as soon as `isDue` is told; what is left is said behind that. */
async function losing(
  server: StrictServer,
  session: LiveSession,
  isDue: (event: LiveEvent) => boolean,
  rest: Uint8Array = new Uint8Array(0),
) {
  const events: LiveEvent[] = [];
  let isLost = false;
  try {
    for await (const event of session) {
      events.push(event);
      if (isLost || !isDue(event)) continue;
      isLost = true;
      server.forget();
      server.cut();
      const said = async () => {
        await session.send(rest);
        await session.end();
      };
      said().catch(() => undefined);
    }
    return { events, error: undefined };
  } catch (error: unknown) {
    return { events, error };
  }
}

const finalsOf = (events: readonly LiveEvent[]) => events.flatMap((event) => (event.type === 'final' ? [event] : []));

test('packed sound of which a final was told is not heard again from its head: the session fails by name', async () => {
  for (const encoding of PACKED) {
    await using server = await strictServer();
    const session = clientOf(server).live({ audio: { encoding, sample_rate: 48_000, channels: 1 } });
    const told = losing(server, session, ({ type }) => type === 'final');
    await session.send(sound(50_000));
    const { events, error } = await told;
    expect(error).toMatchObject({ code: 'session-unknown' });
    expect(finalsOf(events).map(({ segment }) => segment)).toEqual([0]);
    expect(server.sessions).toHaveLength(1);
    await expect(session.send(sound(1))).rejects.toMatchObject({ code: 'session-unknown' });
  }
});

test('packed sound without a final yet begins anew from its head', async () => {
  await using server = await strictServer();
  const session = clientOf(server).live({ audio: { encoding: 'ogg', sample_rate: 48_000, channels: 1 } });
  const bytes = sound(50_000);
  const told = losing(server, session, ({ type }) => type === 'partial', bytes.subarray(20_000));
  await session.send(bytes.subarray(0, 20_000));
  const { events, error } = await told;
  expect(error).toBeUndefined();
  expect(Buffer.compare(server.sessions[1]?.bytes() ?? new Uint8Array(), bytes)).toBe(0);
  expect(finalsOf(events).map(({ segment }) => segment)).toEqual([1, 2]);
});

test('sound that has its final is not heard again, though the server had not called it safe yet', async () => {
  await using server = await strictServer({ unsafe: 30_000 });
  const session = clientOf(server).live();
  const told = losing(server, session, (event) => event.type === 'partial' && event.segment === 1 && event.rev === 2);
  await session.send(sound(50_000));
  const { events } = await told;
  expect(events.find(({ type }) => type === 'continued')).toMatchObject({ from_ms: 1000, lost_ms: 0 });
  expect(server.sessions[1]?.facts.continues).toEqual({ session_id: 'live_0', bytes: 32_000 });
  expect(finalsOf(events).map(({ start_ms, end_ms }) => [start_ms, end_ms])).toEqual([
    [0, 1000],
    [1000, 50_000 / 32],
  ]);
});

test('the last event counts on too: the sound of the whole stream, and every final that was told', async () => {
  await using server = await strictServer();
  const session = clientOf(server).live();
  const bytes = sound(90_000);
  const isDue = (event: LiveEvent): boolean => event.type === 'partial' && event.segment === 1 && event.rev === 2;
  const told = losing(server, session, isDue, bytes.subarray(50_000));
  await session.send(bytes.subarray(0, 50_000));
  const { events } = await told;
  const finals = finalsOf(events);
  expect(finals.map(({ segment }) => segment)).toEqual([0, 2, 3]);
  const last = events.at(-1);
  expect(last).toMatchObject({ type: 'ended', reason: 'done', audio_ms: finals.at(-1)?.end_ms, segments: 3 });
  expect(last).toMatchObject({ ledger: { received: (90_000 - 32_000) / 2 } });
  expect(await session.end()).toEqual(last);
});
