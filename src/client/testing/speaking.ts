/** A client, sound for it to send, and what came of it, as the tests of live sessions need them. */
import { createClient } from '../index.ts';
import type { LiveEvent } from '../live/events.ts';
import type { LiveOptions } from '../live/options.ts';
import type { LiveSession } from '../live/session.ts';
import type { WatchedId } from '../live/watch.ts';
import { HURRIED } from './hurried.ts';
import type { StrictServer } from './strict-server.ts';

/** Real time that a busy machine may need: only the tests of these limits set shorter ones. */
export const PATIENT = { connect: 6_000_000, reconnect: 6_000_000, silence: 6_000_000 };

export function clientOf({ url }: Pick<StrictServer, 'url'>, key = 'right') {
  const client = createClient({ url, key, timers: HURRIED, random: () => 0.5 });
  return {
    live: ({ times, ...options }: LiveOptions = {}) => client.live({ ...options, times: { ...PATIENT, ...times } }),
    watch: (session: WatchedId) => client.watch(session, PATIENT),
  };
}

/** Sound that is nowhere the same. */
export function sound(bytes: number): Uint8Array {
  const made = new Uint8Array(bytes);
  let state = 12_345;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    made[i] = state >>> 24;
  }
  return made;
}

export async function all(session: AsyncIterable<LiveEvent>): Promise<LiveEvent[]> {
  const events: LiveEvent[] = [];
  for await (const event of session) events.push(event);
  return events;
}

/** Sends all of it in frames and ends; a `finalize` behind each of the given frames. */
export async function speak(
  session: LiveSession,
  bytes: Uint8Array,
  frame: number,
  finalizeAt: readonly number[] = [],
) {
  const finalizes: Promise<void>[] = [];
  for (let at = 0, index = 0; at < bytes.length; at += frame, index++) {
    await session.send(bytes.subarray(at, at + frame));
    if (finalizeAt.includes(index)) finalizes.push(session.finalize());
  }
  const ended = await session.end();
  await Promise.all(finalizes);
  return ended;
}

/** What a cut may change: which partials are told, and what is told of the connection. */
const CHANGING = new Set(['partial', 'reconnecting', 'resumed', 'started']);
export const lasting = (events: readonly LiveEvent[]): object[] =>
  events
    .filter(({ type }) => !CHANGING.has(type))
    .map((event) => Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'seq')));
