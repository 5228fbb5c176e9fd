import type { JobClass } from '../../../core/index.ts';
import { LOW_EVERY } from '../../../core/index.ts';
import { json } from '../../json.ts';
import { numberOf } from '../link/reply.ts';
import { placeOf, sorted } from './classes.ts';

/** Counts of a shard, as it was when it was looked at. */
export interface ShardCounts {
  readonly depth: readonly number[];
  /** When the oldest of a class was put. */
  readonly oldest: readonly (number | undefined)[];
  readonly leased: number;
  readonly delayed: number;
  readonly dead: number;
  readonly superseded: number;
  readonly expired: number;
  readonly lost: number;
  readonly free: number;
  readonly held: number;
}

/** The first job of one of the next tenants of a shard's class. */
interface Head {
  /** The lower, the earlier it came; comparable between shards. */
  readonly arrival: number;
  readonly tenant: string;
}

interface Shard {
  /** Rises whenever a job becomes ready. */
  version: number;
  /** By class, of some tenants each. */
  heads: (readonly Head[])[];
  /** Lines that a claim is asking for, and how many are. */
  readonly asked: Map<string, number>;
  /** Hands out nothing until outcomes are done. */
  behind: boolean;
  /** When a lease, a delay or a hold is over next. */
  due: number | undefined;
  counts: ShardCounts;
}

export interface Choice {
  readonly shard: number;
  /** Of the class. */
  readonly place: number;
  /** Whose turn it is. */
  readonly tenant: string;
}

/** What one process knows of a queue's shards without asking: from answers, from looks, and from news of others' puts. */
export interface Outlook {
  /**
   * Where a claim should ask, and for whom; undefined when nothing is known to wait. A line that another claim of this process asks for
   * is left to that one, for it may have one job only, and the answer tells of more; until then nothing of a lower class is taken either.
   *
   * @param eager takes even such a line: who can't wait for the answer asks too.
   */
  best(classes: readonly JobClass[], eager?: boolean): Choice | undefined;
  /** A claim asks there, until what is returned is called. */
  asking(choice: Choice): () => void;
  /** A claim of these classes found a job: the next may be another class's turn, and another tenant's. */
  took(classes: readonly JobClass[], job: { readonly jobClass: JobClass; readonly tenant: string }): void;
  /** From an answer: when something is due, the version, and the heads of each class. */
  heard(shard: number, texts: readonly string[], behind: boolean): void;
  looked(shard: number, counts: ShardCounts): void;
  /**
   * From news: `<shard>:<version>:<class>:<arrival>:<tenant>`, with `-` for the arrival when the tenant has no job left, or
   * `<shard>:<version>:*` when it may hand out jobs again.
   */
  told(news: string): void;
  /** Something will be due. */
  expect(shard: number, at: number): void;
  /** The shards where something is due by a time. */
  dueBy(now: number): readonly number[];
  nextDue(): number | undefined;
  counts(shard: number): ShardCounts;
  all(): readonly ShardCounts[];
}

const NO_COUNTS: ShardCounts = {
  depth: [0, 0, 0, 0],
  oldest: [],
  leased: 0,
  delayed: 0,
  dead: 0,
  superseded: 0,
  expired: 0,
  lost: 0,
  free: 0,
  held: 0,
};

/** Tenants beyond them count as not served. */
const MAX_SERVED = 4000;

/** Tenants of a shard's class that are known of; those behind them come nearer as these are served. */
const MAX_HEADS = 16;

const HEADS = json<readonly (readonly [arrival: string, tenant: string])[]>();
const headsOf = (text: string): readonly Head[] =>
  text === '' ? [] : HEADS.read(text).map(([arrival, tenant]) => ({ arrival: Number(arrival), tenant }));

const has = (heads: readonly Head[] | undefined, tenant: string): boolean =>
  heads?.some((head) => head.tenant === tenant) === true;

/** @param onDue something is due sooner than was known. */
export function outlook(shards: number, onDue: () => void): Outlook {
  const known: Shard[] = Array.from({ length: shards }, () => ({
    version: 0,
    heads: [],
    asked: new Map(),
    behind: false,
    due: undefined,
    counts: NO_COUNTS,
  }));
  const turns = new Map<string, number>();
  /** When a tenant's job of a class was handed out here last; those that were longest ago first. */
  const served = new Map<string, number>();
  let claims = 0;

  const servedAt = (place: number, tenant: string): number => served.get(`${place}:${tenant}`) ?? 0;
  /** Tenants take turns between shards too; of one tenant, the earliest goes first. */
  const firstOf = (jobClass: JobClass, eager: boolean): Choice | 'asked' | undefined => {
    const place = placeOf(jobClass);
    let isAsked = false;
    let best: { readonly turn: number; readonly arrival: number; readonly choice: Choice } | undefined;
    for (const [shard, { heads, asked, behind }] of known.entries()) {
      for (const { arrival, tenant } of behind ? [] : (heads[place] ?? [])) {
        if (!eager && asked.has(`${place}:${tenant}`)) {
          isAsked = true;
          continue;
        }
        const turn = servedAt(place, tenant);
        if (best === undefined || turn < best.turn || (turn === best.turn && arrival < best.arrival)) {
          best = { turn, arrival, choice: { shard, place, tenant } };
        }
      }
    }
    return best?.choice ?? (isAsked ? 'asked' : undefined);
  };

  const nextDue = (): number | undefined => {
    const times = known.flatMap(({ due }) => (due === undefined ? [] : [due]));
    return times.length === 0 ? undefined : Math.min(...times);
  };

  const setDue = (shard: Shard, due: number | undefined): void => {
    const isSooner = due !== undefined && due < (shard.due ?? Number.POSITIVE_INFINITY);
    shard.due = due;
    if (isSooner) onDue();
  };

  return {
    best(classes, eager = false) {
      const strict = sorted(classes);
      const turn = (turns.get(strict.join()) ?? 0) % LOW_EVERY;
      // As the script does in a shard: turns 2, 4 and 6 of eight begin with a lower class.
      const first = turn % 2 === 0 && turn > 0 ? strict[turn / 2] : undefined;
      for (const jobClass of first === undefined ? strict : [first, ...strict]) {
        const choice = firstOf(jobClass, eager);
        if (choice !== undefined) return choice === 'asked' ? undefined : choice;
      }
      return undefined;
    },
    asking({ shard, place, tenant }) {
      const asked = known[shard]?.asked;
      const line = `${place}:${tenant}`;
      asked?.set(line, (asked.get(line) ?? 0) + 1);
      return () => {
        const left = (asked?.get(line) ?? 0) - 1;
        if (left > 0) asked?.set(line, left);
        else asked?.delete(line);
      };
    },
    took(classes, { jobClass, tenant }) {
      const key = sorted(classes).join();
      turns.set(key, ((turns.get(key) ?? 0) + 1) % LOW_EVERY);
      const line = `${placeOf(jobClass)}:${tenant}`;
      served.delete(line);
      served.set(line, ++claims);
      for (const [longest] of served) {
        if (served.size <= MAX_SERVED) break;
        served.delete(longest);
      }
    },
    heard(shard, [due, version, ...texts], behind) {
      const one = known[shard];
      if (one === undefined) return;
      setDue(one, numberOf(due));
      const heads = texts.slice(0, 4).map(headsOf);
      if (Number(version) < one.version) {
        // News came before an earlier answer: what both tell may be there.
        one.heads = heads.map((earlier, place) => [
          ...(one.heads[place] ?? []),
          ...earlier.filter(({ tenant }) => !has(one.heads[place], tenant)),
        ]);
        return;
      }
      one.version = Number(version);
      one.behind = behind;
      one.heads = heads;
    },
    looked(shard, counts) {
      const one = known[shard];
      if (one !== undefined) one.counts = counts;
    },
    told(news) {
      const [shard, version, place, arrival, ...tenant] = news.split(':');
      const one = known[Number(shard)];
      if (one === undefined || !(Number(version) > one.version)) return;
      one.version = Number(version);
      if (place === '*') {
        one.behind = false;
        return;
      }
      const heads = one.heads[Number(place)] ?? [];
      if (arrival === '-') {
        const gone = tenant.join(':');
        one.heads[Number(place)] = heads.filter((head) => head.tenant !== gone);
        return;
      }
      const head = { arrival: Number(arrival), tenant: tenant.join(':') };
      if (heads.length < MAX_HEADS && !has(heads, head.tenant)) one.heads[Number(place)] = [...heads, head];
    },
    expect(shard, at) {
      const one = known[shard];
      if (one !== undefined) setDue(one, Math.min(one.due ?? Number.POSITIVE_INFINITY, at));
    },
    dueBy: (now) =>
      [...known.entries()].flatMap(([shard, { due }]) => (due !== undefined && due <= now ? [shard] : [])),
    nextDue,
    counts: (shard) => known[shard]?.counts ?? NO_COUNTS,
    all: () => known.map(({ counts }) => counts),
  };
}

/** The counts at the end of what `LOOK` answers. */
export function countsOf(texts: readonly string[]): ShardCounts {
  const [leased = 0, delayed = 0, dead = 0, superseded = 0, expired = 0, lost = 0, free = 0, held = 0] = texts
    .slice(8)
    .map(Number);
  const depth = texts.slice(0, 4).map(Number);
  const oldest = texts.slice(4, 8).map(numberOf);
  return { depth, oldest, leased, delayed, dead, superseded, expired, lost, free, held };
}
