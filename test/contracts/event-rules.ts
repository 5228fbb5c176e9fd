import { expect } from 'vitest';
import type { EventLog, LoggedEvent, TranscriptionEvent } from '../../src/core/index.ts';
import type { Rule } from './contract.ts';
import { port } from './contract.ts';
import { watched } from './made-jobs.ts';
import { eventOf, eventsOf } from './made-sessions.ts';

type Events = EventLog<TranscriptionEvent>;
type Seen = LoggedEvent<TranscriptionEvent>;

const never = (): AbortSignal => new AbortController().signal;

/** The next events of a follower, which it is then done with; rejects as soon as one is missing. */
async function next(events: AsyncIterable<Seen>, count: number): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for await (const event of events) {
    const before = seen.at(-1);
    if (before !== undefined) expect(event.seq).toBe(before.seq + 1);
    seen.push(event);
    if (seen.length === count) break;
  }
  return seen;
}

const numbered = (from: number, to: number) => eventsOf(from, to).map((event, index) => ({ seq: from + index, event }));

async function appendAll(events: Events, to: number, step = 7): Promise<void> {
  for (let last = 0; last < to; last = Math.min(to, last + step)) {
    const answer = await events.append('session', last, eventsOf(last + 1, Math.min(to, last + step)));
    expect(answer.status).toBe('ok');
  }
}

/** What clients see, numbered without holes. */
export const eventRules: readonly Rule[] = [
  {
    title: 'numbers the events of a session 1, 2, 3, … and tells when each was appended',
    async check({ broker, pass }) {
      const { events } = broker();
      const first = broker().now();
      expect(await events.append('session', 0, eventsOf(1, 3))).toEqual({ status: 'ok', last: 3 });
      await pass(10);
      expect(await events.append('session', 3, [eventOf(4)])).toEqual({ status: 'ok', last: 4 });
      expect(await events.append('other', 0, [eventOf(1)])).toEqual({ status: 'ok', last: 1 });
      const read = await events.read('session', 0, 10);
      expect(read.map(({ seq, event }) => ({ seq, event }))).toEqual(numbered(1, 4));
      expect(read.map(({ at }) => at - first)).toEqual([0, 0, 0, 10]);
    },
    broken: {
      how: 'counts all sessions together',
      breaking: port('events', (events) => ({
        append: (_session, after, added) => events.append('session', after, added),
      })),
    },
  },
  {
    title: 'refuses to append behind any number but the last, and of two at once only one appends',
    async check({ broker }) {
      const { events } = broker();
      const answers = await Promise.all([
        events.append('session', 0, eventsOf(1, 2)),
        events.append('session', 0, eventsOf(1, 2)),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(['ok', 'conflict']);
      expect(await events.append('session', 1, [eventOf(9)])).toEqual({ status: 'conflict', last: 2 });
      expect(await events.append('session', 3, [eventOf(9)])).toEqual({ status: 'conflict', last: 2 });
      expect((await events.read('session', 0, 10)).length).toBe(2);
    },
    broken: {
      how: 'appends behind whatever is last',
      breaking: port('events', (events) => ({
        append: async (session, after, added) => {
          const answer = await events.append(session, after, added);
          return answer.status === 'ok' ? answer : events.append(session, answer.last, added);
        },
      })),
    },
  },
  {
    title: 'reads from any number on, so many at a time',
    async check({ broker }) {
      const { events } = broker();
      await appendAll(events, 30);
      const seqs = async (after: number, limit: number) =>
        (await events.read('session', after, limit)).map(({ seq }) => seq);
      expect(await seqs(9, 3)).toEqual([10, 11, 12]);
      expect(await seqs(28, 10)).toEqual([29, 30]);
      expect(await seqs(30, 10)).toEqual([]);
      expect(await events.read('unknown', 0, 10)).toEqual([]);
    },
    broken: {
      how: 'skips one',
      breaking: port('events', (events) => ({
        read: (session, after, limit) => events.read(session, after + 1, limit),
      })),
    },
  },
  {
    title: 'shows a follower every event once and in order, those before and those to come',
    async check({ broker }) {
      const { events } = broker();
      await events.append('session', 0, eventsOf(1, 5));
      const following = [0, 3, 5].map(
        (after) => watched(next(events.follow('session', after, never()), 300 - after)).promise,
      );
      for (let last = 5; last < 300; last += 5) await events.append('session', last, eventsOf(last + 1, last + 5));
      const seen = await Promise.all(following);
      for (const [index, after] of [0, 3, 5].entries()) {
        expect(seen[index]?.map(({ seq, event }) => ({ seq, event }))).toEqual(numbered(after + 1, 300));
      }
    },
    broken: {
      how: 'loses some of what is new',
      breaking: port('events', (events) => ({
        async *follow(session, after, signal) {
          let last = after;
          for (const event of await events.read(session, after, 100)) {
            yield event;
            last = event.seq;
          }
          for await (const event of events.follow(session, last, signal)) if (event.seq % 50 !== 0) yield event;
        },
      })),
    },
  },
  {
    title: 'lets a slow follower miss nothing, and a fast one not wait for it',
    async check({ broker }) {
      const { events } = broker();
      const slow = events.follow('session', 0, never())[Symbol.asyncIterator]();
      const firstOfSlow = slow.next();
      const fast = watched(next(events.follow('session', 0, never()), 500)).promise;
      await appendAll(events, 500, 50);
      expect((await fast).length).toBe(500);
      expect((await firstOfSlow).value).toMatchObject({ seq: 1 });
      for (let seq = 2; seq <= 500; seq++) expect((await slow.next()).value).toMatchObject({ seq });
      await slow.return?.();
    },
    broken: {
      how: 'keeps 100 events for a follower',
      breaking: port('events', (events) => ({
        async *follow(session, after, signal) {
          for await (const event of events.follow(session, after, signal)) {
            yield event;
            const last = (await events.read(session, event.seq, 1000)).at(-1)?.seq ?? event.seq;
            if (last - event.seq <= 100) continue;
            yield* events.follow(session, last - 100, signal);
            return;
          }
        },
      })),
    },
  },
  {
    title: 'ends a follower without an error when its signal aborts',
    async check({ broker, pass }) {
      const { events } = broker();
      const stop = new AbortController();
      const all = watched(next(events.follow('session', 0, stop.signal), 100));
      await events.append('session', 0, eventsOf(1, 2));
      await events.read('session', 0, 1);
      await pass(0);
      stop.abort();
      expect((await all.promise).length).toBeLessThanOrEqual(2);
      expect(await next(events.follow('session', 0, stop.signal), 100)).toEqual([]);
    },
    broken: {
      how: 'throws the reason',
      breaking: port('events', (events) => ({
        async *follow(session, after, signal) {
          yield* events.follow(session, after, signal);
          signal.throwIfAborted();
        },
      })),
    },
  },
  {
    title: 'ends followers of a session whose events are removed, which starts at 1 again',
    async check({ broker }) {
      const { events } = broker();
      await events.append('session', 0, eventsOf(1, 3));
      await events.append('other', 0, eventsOf(1, 3));
      const all = next(events.follow('session', 3, never()), 100);
      await events.remove('session');
      expect(await all).toEqual([]);
      expect(await events.read('session', 0, 10)).toEqual([]);
      expect((await events.read('other', 0, 10)).length).toBe(3);
      expect(await events.append('session', 0, [eventOf(1)])).toEqual({ status: 'ok', last: 1 });
    },
    broken: {
      how: 'goes on counting',
      breaking: port('events', (events) => ({
        remove: async (session) => {
          await events.remove(session);
          await events.append(session, 0, [eventOf(0)]);
        },
      })),
    },
  },
  {
    title: 'keeps events and their numbers through a restart, and ends followers when it closes',
    async check({ broker, restart }) {
      await appendAll(broker().events, 12);
      const all = next(broker().events.follow('session', 12, never()), 100);
      const { events } = await restart();
      expect(await all).toEqual([]);
      expect((await events.read('session', 0, 100)).map(({ seq, event }) => ({ seq, event }))).toEqual(numbered(1, 12));
      expect(await events.append('session', 12, [eventOf(13)])).toEqual({ status: 'ok', last: 13 });
    },
    broken: {
      how: 'starts at 1 again',
      breaking: (broker) => {
        const ours = `session-${Math.random().toString(36).slice(2)}`;
        return port('events', (events) => ({
          append: (_session, after, added) => events.append(ours, after, added),
          read: (_session, after, limit) => events.read(ours, after, limit),
          follow: (_session, after, signal) => events.follow(ours, after, signal),
        }))(broker);
      },
    },
  },
];
