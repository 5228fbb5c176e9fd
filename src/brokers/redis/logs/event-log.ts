import { randomUUID } from 'node:crypto';
import type { EventLog, LoggedEvent } from '../../../core/index.ts';
import { ScriptoriumError, millis } from '../../../core/index.ts';
import { json } from '../../json.ts';
import { shardKey } from '../link/link.ts';
import { textsOf } from '../link/reply.ts';
import { checkedSession } from '../../names.ts';
import { APPEND, READ_EVENTS, REMOVE_EVENTS } from '../scripts/events.ts';
import { shardOfSession } from '../shards.ts';
import type { World } from '../world.ts';
import type { Follower, Followers } from './followers.ts';
import { followers } from './followers.ts';

export interface RedisEvents<Event> {
  readonly port: EventLog<Event>;
  /** Ends the followers of a session in this process; those of others hear it from Redis. */
  end(session: string): void;
  close(): void;
}

/** How many events a follower reads at once. */
const FOLLOW_BATCH = 64;

const isOutage = (error: unknown): boolean => error instanceof ScriptoriumError && error.code === 'broker-unreachable';

/**
 * Every follower reads from Redis, so that a slow one costs nothing but its place; news only say that there is something to read,
 * and those that are lost are made up for by looking.
 *
 * @param kind what its keys are told from another log's by.
 */
export function eventLog<Event>(kind: string, world: World): RedisEvents<Event> {
  const { link, checkOpen } = world;
  const shardOf = (session: string): number => shardOfSession(session, world.shards);
  const following: Followers = followers(
    world,
    (session) => `${shardKey(world.prefix, shardOf(session))}:e:${kind}:${session}`,
  );

  const bodies = json<Event>();
  const eventOf = (text: string, seq: number): LoggedEvent<Event> => {
    const cut = text.indexOf(' ');
    return { seq, at: millis(Number(text.slice(0, cut))), event: bodies.read(text.slice(cut + 1)) };
  };

  const page = async (
    session: string,
    after: number,
    limit: number,
  ): Promise<{ readonly last: number; readonly events: readonly LoggedEvent<Event>[] }> => {
    if (limit <= 0) return { last: after, events: [] };
    const [last, ...rows] = textsOf(await link.run(READ_EVENTS, shardOf(session), kind, session, after, limit));
    return { last: Number(last), events: rows.map((row, index) => eventOf(row, after + 1 + index)) };
  };

  /** What follows a number, or nothing while Redis can't be reached. */
  const next = async (session: string, after: number): ReturnType<typeof page> =>
    page(session, after, FOLLOW_BATCH).catch((error: unknown) => {
      if (isOutage(error)) return { last: after, events: [] };
      throw error;
    });

  async function* reading(
    follower: Follower,
    session: string,
    after: number,
  ): AsyncGenerator<LoggedEvent<Event>, void, undefined> {
    let seen = after;
    try {
      await follower.ready;
      while (!follower.ended()) {
        follower.reset();
        const { last, events } = await next(session, seen);
        // The log was removed, and the news of that were lost.
        if (last < seen) return;
        for (const event of events) {
          if (follower.ended()) return;
          yield event;
          seen = event.seq;
        }
        if (events.length === 0) await follower.rung();
      }
    } catch (error) {
      if (error instanceof ScriptoriumError && error.code === 'broker-closed') return;
      throw error;
    } finally {
      follower.leave();
    }
  }

  return {
    port: {
      async append(session, after, events) {
        checkOpen();
        checkedSession(session);
        const texts = events.map((event) => JSON.stringify(event));
        const [status, last] = textsOf(
          await link.run(APPEND, shardOf(session), kind, session, after, randomUUID(), ...texts),
        );
        return { status: status === 'ok' ? status : 'conflict', last: Number(last) };
      },
      async read(session, after, limit) {
        checkOpen();
        checkedSession(session);
        return (await page(session, after, limit)).events;
      },
      async *follow(session, after, signal) {
        checkOpen();
        yield* reading(following.join(checkedSession(session), signal), session, after);
      },
      async remove(session) {
        checkOpen();
        checkedSession(session);
        following.end(session);
        await link.run(REMOVE_EVENTS, shardOf(session), kind, session);
      },
    },
    end: (session) => following.end(session),
    close: () => following.close(),
  };
}
