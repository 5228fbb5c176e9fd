import type { EventLog, LoggedEvent, Millis } from '../../../core/index.ts';
import { ScriptoriumError } from '../../../core/index.ts';
import { checkedSession } from '../../names.ts';
import { json } from '../../json.ts';
import type { Op, Shelf } from '../store/op.ts';
import { under } from '../store/store.ts';
import type { World } from '../world.ts';
import { bells } from './bells.ts';

export interface LocalEvents<Event> {
  readonly port: EventLog<Event>;
  /** What to write to forget a session; ends its followers. */
  forget(session: string): readonly Op[];
  close(): void;
}

interface Row<Event> {
  readonly at: Millis;
  readonly event: Event;
}

const SEQ_DIGITS = 10;
/** How many events a follower reads from the store at once. */
const FOLLOW_BATCH = 64;
/** So many are looked up one by one: quicker than a walk through the store, which is for many. */
const FEW = 16;

/** `after + 1` to `last`. */
const numbers = (after: number, last: number): readonly number[] =>
  Array.from({ length: Math.max(0, last - after) }, (_, index) => after + 1 + index);

const seqOf = (key: string): number => Number(key.slice(-SEQ_DIGITS));

/**
 * Every follower reads from the store, so that a slow one costs nothing but its place.
 *
 * @param name what its keys begin with: no other log has it. @param shelf where events of a session are kept.
 */
export function eventLog<Event>(
  name: string,
  { store, now, checkOpen }: World,
  shelf: (session: string) => Shelf,
): LocalEvents<Event> {
  const lastKey = (session: string): string => `${name}-last/${session}`;
  const keyOf = (session: string, seq: number): string => `${name}/${session}/${String(seq).padStart(SEQ_DIGITS, '0')}`;
  const bell = bells();
  const rows = json<Row<Event>>();

  const lastOf = (session: string): number => {
    const text = store.get(lastKey(session));
    return text === undefined ? 0 : Number(text);
  };

  const read = async (session: string, after: number, limit: number): Promise<readonly LoggedEvent<Event>[]> => {
    checkOpen();
    checkedSession(session);
    const last = Math.min(lastOf(session), after + limit);
    if (last - after <= FEW) {
      await store.settled();
      return numbers(after, last).flatMap((seq) => {
        const text = store.get(keyOf(session, seq));
        return text === undefined ? [] : [{ seq, ...rows.read(text) }];
      });
    }
    const { to } = under(`${name}/${session}`);
    const found = await store.range({ from: keyOf(session, after + 1), to, limit });
    return found.map(([key, text]) => ({ seq: seqOf(key), ...rows.read(text) }));
  };

  async function* follow(
    session: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<LoggedEvent<Event>, void, undefined> {
    checkOpen();
    const listener = bell.listen(session, signal);
    let seen = after;
    try {
      while (!listener.ended()) {
        listener.reset();
        const events = await read(session, seen, FOLLOW_BATCH);
        for (const event of events) {
          if (listener.ended()) return;
          yield event;
          seen = event.seq;
        }
        if (events.length === 0) await listener.rung();
      }
    } catch (error) {
      if (error instanceof ScriptoriumError && error.code === 'broker-closed') return;
      throw error;
    } finally {
      listener.leave();
    }
  }

  const forget = (session: string): readonly Op[] => {
    bell.end(session);
    const last = lastOf(session);
    if (last === 0) return [];
    return [...numbers(0, last).map((seq) => ({ key: keyOf(session, seq) })), { key: lastKey(session) }];
  };

  return {
    port: {
      async append(session, after, events) {
        checkOpen();
        checkedSession(session);
        const last = lastOf(session);
        if (last !== after) return { status: 'conflict', last };
        if (events.length === 0) return { status: 'ok', last };
        const at = now();
        const ops = events.map((event, index) => ({
          key: keyOf(session, after + 1 + index),
          value: rows.write({ at, event }),
        }));
        const end = after + events.length;
        await shelf(session).write([...ops, { key: lastKey(session), value: String(end) }]);
        bell.ring(session);
        return { status: 'ok', last: end };
      },
      read,
      follow,
      async remove(session) {
        checkOpen();
        checkedSession(session);
        await shelf(session).write(forget(session));
      },
    },
    forget,
    close: () => bell.close(),
  };
}
