import type { CommittedOutcome, Millis, ResultLog } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import { json } from '../../json.ts';
import { listenWhenAsked } from '../link/news.ts';
import { textOf, textsOf } from '../link/reply.ts';
import { pulling } from '../pulling.ts';
import type { RedisQueue } from '../queue/redis-queue.ts';
import { DONE, PEEK, TAKE } from '../scripts/outcomes.ts';
import { COMMIT } from '../scripts/settle.ts';
import { shardOfNumber } from '../shards.ts';
import { shardNumbers } from '../world.ts';
import type { World } from '../world.ts';

export interface OutcomeLimits {
  /** How long a taker may take to say `done`. */
  readonly hold: Millis;
  readonly remember: Millis;
  readonly pendingOutcomes: number;
}

export interface RedisResults<Outcome> {
  readonly port: ResultLog<Outcome>;
  close(): Promise<void>;
}

/** The outcomes of a queue's jobs, which stand on the shards of the jobs. */
export function resultLog<Outcome>(
  world: World,
  queue: Pick<RedisQueue<unknown>, 'calls' | 'settled' | 'share'>,
  limits: OutcomeLimits,
): RedisResults<Outcome> {
  const { clock, checkOpen } = world;
  const { calls, share } = queue;
  const { outlook } = calls;
  const room = pulling(clock);
  /** Shards that may have some. */
  const hinted = new Set(shardNumbers(world));
  let turn: Promise<unknown> = Promise.resolve();
  /** News name the shard that has some for takers; unknown which when they were lost. */
  const hear = listenWhenAsked(world.link.news, `${world.prefix}outcomes`, (news) => {
    for (const shard of news === '' ? shardNumbers(world) : [Number(news)]) hinted.add(shard);
    room.ring();
  });

  const pendingIn = (shard: number): number => outlook.counts(shard).free + outlook.counts(shard).held;

  const facts = json<readonly string[]>();
  const bodies = json<Outcome>();
  const outcomeOf = (id: string, row: string): CommittedOutcome<Outcome> => {
    const cut = row.indexOf('\n');
    const [jobId = '', session = '', slot = '', revision, attempt, at] = facts.read(row.slice(0, cut));
    return {
      id: Number(id),
      jobId,
      session,
      slot,
      revision: Number(revision),
      attempt: Number(attempt),
      at: millis(Number(at)),
      outcome: bodies.read(row.slice(cut + 1)),
    };
  };

  /** What can't be read ends its job as a dead letter does; undefined when it doesn't even tell whose it is. */
  const readOutcome = (id: string, row: string): CommittedOutcome<Outcome> | undefined => {
    const head = row.slice(0, row.indexOf('\n'));
    try {
      return outcomeOf(id, row);
    } catch {
      // What a parser says of it would quote it, and it may be speech.
      const reason = "its outcome can't be read: it is no JSON";
      try {
        return outcomeOf(id, `${head}\n${JSON.stringify({ type: 'dead', reason, attempts: 1 })}`);
      } catch {
        return undefined;
      }
    }
  };

  const takeFrom = async (
    shard: number,
    limit: number,
    last: number | '',
  ): Promise<readonly CommittedOutcome<Outcome>[]> => {
    const [due, ...rows] = textsOf(await calls.call(TAKE, shard, limit, limits.hold, last));
    if (due !== undefined && due !== '') outlook.expect(shard, Number(due));
    const taken: CommittedOutcome<Outcome>[] = [];
    for (let at = 0; at < rows.length; at += 2) {
      const [id = '', row = ''] = [rows[at], rows[at + 1]];
      const outcome = readOutcome(id, row);
      if (outcome !== undefined) taken.push(outcome);
      else await calls.call(DONE, shard, limits.pendingOutcomes, id);
    }
    return taken;
  };

  /** The first of several shards: whoever is among the first `limit` of all of them. */
  const takeFirst = async (shards: readonly number[], limit: number): Promise<readonly CommittedOutcome<Outcome>[]> => {
    const peeked = await Promise.all(
      shards.map(async (shard) => ({
        shard,
        ids: textsOf(await calls.call(PEEK, shard, limit)).map(Number),
      })),
    );
    const first = peeked.flatMap(({ ids }) => ids).sort((a, b) => a - b);
    const last = first[limit - 1] ?? '';
    const taken = await Promise.all(
      peeked.map(async ({ shard, ids }) => {
        if (ids.length === limit || (last !== '' && ids.some((id) => id > last))) hinted.add(shard);
        return ids.length === 0 ? [] : takeFrom(shard, limit, last);
      }),
    );
    return taken.flat();
  };

  const takeNow = async (
    limit: number,
    shards: readonly number[],
  ): Promise<readonly CommittedOutcome<Outcome>[] | undefined> => {
    const [only, ...others] = shards;
    if (only === undefined) return undefined;
    for (const shard of shards) hinted.delete(shard);
    try {
      const taken = others.length === 0 ? await takeFrom(only, limit, '') : await takeFirst(shards, limit);
      if (others.length === 0 && taken.length === limit) hinted.add(only);
      return taken.length === 0 ? undefined : [...taken].sort((a, b) => a.id - b.id);
    } catch (error) {
      for (const shard of shards) hinted.add(shard);
      throw error;
    }
  };

  /** Takers of this process go one after the other, so that the first gets the first. */
  const attempt = (
    limit: number,
    shards: () => readonly number[],
  ): Promise<readonly CommittedOutcome<Outcome>[] | undefined> => {
    const taking = turn.then(() => takeNow(limit, shards()));
    turn = taking.catch(() => {});
    return taking;
  };

  return {
    port: {
      async commit({ id, token }, outcome) {
        checkOpen();
        const text = JSON.stringify(outcome);
        const answer = textOf(await calls.call(COMMIT, shardOfNumber(token), id, token, limits.remember, text));
        queue.settled(token);
        return answer === 'committed' || answer === 'duplicate' ? answer : 'stale';
      },
      async take(options) {
        checkOpen();
        const { limit, wait } = options;
        if (wait > 0) await hear();
        // Who asks once asks everywhere: a hint may be lost, or just be followed by another taker.
        const shards = (): readonly number[] => (wait <= 0 ? shardNumbers(world) : [...hinted]);
        const wants = (): boolean => hinted.size > 0;
        return (await room.pull(() => attempt(limit, shards), { ...options, wants })) ?? [];
      },
      async done(ids) {
        checkOpen();
        for (const shard of new Set(ids.map(shardOfNumber))) {
          if (shard >= world.shards) continue;
          const allowed = share(limits.pendingOutcomes, shard, pendingIn);
          await calls.call(DONE, shard, allowed, ...ids.filter((id) => shardOfNumber(id) === shard));
        }
      },
      pending: () => shardNumbers(world).reduce((sum, shard) => sum + pendingIn(shard), 0),
    },
    close: () => room.close(),
  };
}
