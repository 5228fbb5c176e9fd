import type { EventLog, LoggedEvent, Millis } from '../../../core/index.ts';
import { ScriptoriumError } from '../../../core/index.ts';
import { checkedSession } from '../../names.ts';
import { json } from '../../json.ts';
import type { Op } from '../store/op.ts';
import { under } from '../store/store.ts';
import type { World } from '../world.ts';
import { bells } from './bells.ts';

export interface LocalEvents<Event> {
  readonly port: EventLog<Event>;
  /** What to write to forget a session; ends its followers. */
  forget(session: string): Promise<readonly Op[]>;
  close(): void;
}

interface Row<Event> {
  readonly at: Millis;
  readonly event: Event;
}

const SEQ_DIGITS = 10;
/** How many events a follower reads from the store at once. */
const FOLLOW_BATCH = 64;

const seqOf = (key: string): number => Number(key.slice(-SEQ_DIGITS));

/**
 * Every follower reads from the store, so that a slow one costs nothing but its place.
 *
 * @param name what its keys begin with: no other log has it.
 */
export function eventLog<Event>(name: string, { store, now, checkOpen }: World): LocalEvents<Event> {
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

  const forget = async (session: string): Promise<readonly Op[]> => {
    const found = await store.range(under(`${name}/${session}`));
    bell.end(session);
    return [...found.map(([key]) => ({ key })), { key: lastKey(session) }];
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
        await store.write([...ops, { key: lastKey(session), value: String(end) }]);
        bell.ring(session);
        return { status: 'ok', last: end };
      },
      read,
      follow,
      async remove(session) {
        checkOpen();
        checkedSession(session);
        await store.write(await forget(session));
      },
    },
    forget,
    close: () => bell.close(),
  };
}
