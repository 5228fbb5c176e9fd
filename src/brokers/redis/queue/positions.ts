import { numberOf, textsOf } from '../link/reply.ts';
import { LINES, POSITIONS } from '../scripts/look.ts';
import { shardOfSession } from '../shards.ts';
import { shardNumbers } from '../world.ts';
import type { World } from '../world.ts';
import type { Line } from './ahead.ts';
import { jobsAhead } from './ahead.ts';

/** How many jobs go before those of sessions that somebody asked about lately. */
export interface Positions {
  /** As it was known last. */
  get(session: string): number | undefined;
  /** Somebody will ask about it. */
  watch(session: string): void;
  /** The same, and finds it out at once when nobody asked about it before. */
  prime(session: string): void;
  /** Nobody asks about it any more. */
  drop(session: string): void;
  /** Finds all of them out anew. */
  refresh(): Promise<void>;
}

const MAX_WATCHED = 500;
const WATCHED_MS = 60_000;

interface Place {
  askedAt: number;
  ahead: number | undefined;
}

/** Texts of a line in what `LINES` answers, and of a session in what `POSITIONS` does. */
const TEXTS = 5;

/** Rows of an answer. */
const rowsOf = (texts: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: texts.length / TEXTS }, (_, index) => texts.slice(index * TEXTS, (index + 1) * TEXTS));

const linesOf = (shard: number, texts: readonly string[]): readonly Line[] =>
  rowsOf(texts).map(([place, tenant = '', length, first, last]) => ({
    shard,
    place: Number(place),
    tenant,
    length: Number(length),
    first: Number(first),
    last: Number(last),
  }));

export function positions(name: string, world: World): Positions {
  const { link, clock, fresh } = world;
  const places = new Map<string, Place>();
  let lines: { readonly at: number; readonly all: Promise<readonly Line[]> } | undefined;

  /** All lines, as they were at most `fresh` ago. */
  const linesNow = async (): Promise<readonly Line[]> => {
    if (lines !== undefined && clock.now() - lines.at < fresh) return lines.all;
    const asked = shardNumbers(world).map(async (shard) => linesOf(shard, textsOf(await link.run(LINES, shard, name))));
    const all = Promise.all(asked).then((found) => found.flat());
    lines = { at: clock.now(), all };
    return all;
  };

  const watch = (session: string): Place => {
    const place = places.get(session) ?? { askedAt: 0, ahead: undefined };
    place.askedAt = clock.now();
    places.delete(session);
    places.set(session, place);
    for (const [oldest] of places) {
      if (places.size <= MAX_WATCHED) break;
      places.delete(oldest);
    }
    return place;
  };

  /** Of a shard's sessions. */
  const findIn = async (
    shard: number,
    sessions: readonly string[],
    allLines: () => Promise<readonly Line[]>,
  ): Promise<void> => {
    const rows = rowsOf(textsOf(await link.run(POSITIONS, shard, name, ...sessions)));
    const all = rows.length === 0 ? [] : await allLines();
    const found = new Map(
      rows.map(([session, place, tenant = '', arrival, before]) => [
        session,
        jobsAhead(all, { shard, place: Number(place), tenant, arrival: Number(arrival), before: numberOf(before) }),
      ]),
    );
    for (const session of sessions) {
      const place = places.get(session);
      if (place !== undefined) place.ahead = found.get(session);
    }
  };

  const find = async (sessions: Iterable<string>): Promise<void> => {
    const byShard = new Map<number, string[]>();
    for (const session of sessions) {
      const shard = shardOfSession(session, world.shards);
      byShard.set(shard, [...(byShard.get(shard) ?? []), session]);
    }
    // Only when one of them waits.
    let all: Promise<readonly Line[]> | undefined;
    const allLines = (): Promise<readonly Line[]> => (all ??= linesNow());
    await Promise.all([...byShard].map(([shard, some]) => findIn(shard, some, allLines)));
  };

  return {
    get: (session) => watch(session).ahead,
    watch: (session) => void watch(session),
    prime(session) {
      if (places.has(session)) return;
      watch(session);
      find([session]).catch(() => {});
    },
    drop: (session) => void places.delete(session),
    async refresh() {
      const since = clock.now() - WATCHED_MS;
      for (const [session, { askedAt }] of places) if (askedAt < since) places.delete(session);
      await find(places.keys());
    },
  };
}
