import type {
  ClassStats,
  ClaimOptions,
  JobClass,
  JobQueue,
  JobSpec,
  Lease,
  Millis,
  QueueStats,
} from '../../../core/index.ts';
import { DEFAULT_ATTEMPTS, millis } from '../../../core/index.ts';
import { listenWhenAsked } from '../link/news.ts';
import { textOf, textsOf } from '../link/reply.ts';
import { checkedBody, checkedSession } from '../../names.ts';
import type { Pulling } from '../pulling.ts';
import { pulling } from '../pulling.ts';
import { CANCEL, CANCEL_SESSION } from '../scripts/cancel.ts';
import { CLAIM } from '../scripts/claim.ts';
import { WORKED_ON } from '../scripts/look.ts';
import { PUT } from '../scripts/put.ts';
import { ACK, EXTEND, NACK } from '../scripts/settle.ts';
import { shardOfNumber, shardOfSession } from '../shards.ts';
import { shardNumbers } from '../world.ts';
import type { World } from '../world.ts';
import { JOB_CLASSES, perClass, placeOf, sorted } from './classes.ts';
import { deadLetters } from './dead-letters.ts';
import { hesitation } from './hesitation.ts';
import { leaseOf } from './lease-of.ts';
import type { Choice } from './outlook.ts';
import type { ShardCalls } from './shard-calls.ts';
import { shardCalls } from './shard-calls.ts';

export interface QueueLimits {
  /** Jobs a class may hold, waiting and leased. */
  readonly depth: Readonly<Record<JobClass, number>>;
  /** How long a lease lasts when it isn't extended. */
  readonly lease: Millis;
  /** How long the id of a job that is done stays known. */
  readonly remember: Millis;
  /** With so many outcomes pending, no more jobs are handed out. */
  readonly pendingOutcomes: number;
  /** How long an idle process waits at most before it asks for a job that all were told of. */
  readonly hesitate: Millis;
}

export interface RedisQueue<Body> {
  readonly port: JobQueue<Body>;
  readonly calls: ShardCalls;
  readonly room: Pulling;
  /** Whether anybody in this process has put, claimed or waited, or asked for numbers. */
  isUsed(): boolean;
  /** A lease of this process is over. */
  settled(token: number): void;
  /** Of a total that all shards share, what this one may have. */
  share(total: number, shard: number, of: (shard: number) => number): number;
  /** Ends what waits, then gives back what this process leased. */
  close(): Promise<void>;
}

/** What a parser says of it would quote it, and it may be speech or a prompt. */
const UNREADABLE = "it can't be read: its body is no JSON object";
/** An arrival tells so many jobs of one millisecond apart. */
const SENT_IN_A_MS = 1000;

/** Jobs of sessions on their shards. Every step on a job is one script; who waits is woken by news of others' steps. */
export function redisQueue<Body>(name: 'jobs' | 'hooks', world: World, limits: QueueLimits): RedisQueue<Body> {
  const { time, checkOpen } = world;
  const room = pulling(world.clock);
  const hesitating = hesitation(world.clock, limits.hesitate, world.random);
  const calls = shardCalls(name, world, () => room.ring());
  const { outlook, positions } = calls;
  /** Jobs that this process leased, by token. */
  const held = new Map<number, string>();
  let closing = false;
  let puts = 0;
  let isHearing = false;
  // Of its outcomes too, which every process may wait for.
  let isUsed = name === 'jobs';
  const hear = listenWhenAsked(world.link.news, `${world.prefix}wake:${name}`, (news) => {
    if (news === '') {
      // Some were lost: what they told is looked at.
      void calls.lookAll().catch(() => {});
      room.ring();
      return;
    }
    outlook.told(news);
    if (room.isAwaited()) void hesitating.wait().then(() => room.ring());
  });

  const share = (total: number, own: number, of: (shard: number) => number): number =>
    shardNumbers(world).reduce((left, shard) => (shard === own ? left : left - of(shard)), total);
  const pendingIn = (shard: number): number => outlook.counts(shard).free + outlook.counts(shard).held;

  const giveBack = async (token: number, id: string): Promise<void> => {
    held.delete(token);
    await calls.call(NACK, shardOfNumber(token), id, token, 0, 0, 0, 'the server stopped');
  };

  /** A job that can't be read is a dead letter at once: tried again, it would not be any better. */
  const readOrSetAside = async (texts: readonly string[]): Promise<Lease<Body> | undefined> => {
    try {
      return leaseOf<Body>(texts);
    } catch {
      const [id = '', token = ''] = texts;
      await calls.call(NACK, shardOfNumber(Number(token)), id, token, 0, 1, 1, UNREADABLE);
      return undefined;
    }
  };

  /** What `CLAIM` answers, without what the outlook takes in. */
  const ask = async (choice: Choice, classes: readonly JobClass[], worker: string): Promise<readonly string[]> => {
    const { shard, place, tenant } = choice;
    const allowed = share(limits.pendingOutcomes, shard, pendingIn);
    const digits = sorted(classes).map(placeOf).join('');
    const answered = outlook.asking(choice);
    try {
      const reply = await calls.call(CLAIM, shard, worker, limits.lease, digits, allowed, place, tenant);
      const [kind = '', ...texts] = textsOf(reply);
      outlook.heard(shard, texts.slice(0, 6), kind === 'behind');
      return [kind, ...texts.slice(6)];
    } finally {
      answered();
    }
  };

  const attempt = async ({ worker, classes = JOB_CLASSES, wait }: ClaimOptions): Promise<Lease<Body> | undefined> => {
    const best = (): Choice | undefined => outlook.best(classes, wait <= 0);
    for (let next = best(); next !== undefined; next = best()) {
      if (closing) return undefined;
      const [kind, ...job] = await ask(next, classes, worker);
      hesitating.asked(kind === 'job');
      if (kind !== 'job') {
        await hesitating.wait();
        continue;
      }
      const lease = await readOrSetAside(job);
      if (lease === undefined) continue;
      outlook.took(classes, lease);
      held.set(lease.token, lease.id);
      return lease;
    }
    return undefined;
  };

  const claim = async (options: ClaimOptions): Promise<Lease<Body> | null> => {
    checkOpen();
    const { classes = JOB_CLASSES, wait, signal } = options;
    isUsed = true;
    let isFirst = true;
    const lease = await room.pull(
      async () => {
        if (!isHearing) await hear();
        if (isFirst && (wait <= 0 || !isHearing)) await calls.lookAll();
        else if (isFirst) await calls.lookOften();
        isFirst = false;
        isHearing = true;
        return attempt(options);
      },
      { wait, signal, wants: () => outlook.best(classes) !== undefined },
    );
    if (lease === undefined) return null;
    if (!closing && signal?.aborted !== true) return lease;
    // Nobody listens any more.
    if (held.has(lease.token)) await giveBack(lease.token, lease.id);
    return null;
  };

  const put = async (spec: JobSpec<Body>): Promise<'queued' | 'duplicate' | 'full'> => {
    checkOpen();
    isUsed = true;
    const body = checkedBody(spec);
    const { id, session, tenant, jobClass, slot, revision, supersedeKey = '', delay = millis(0), notAfter = '' } = spec;
    const place = placeOf(jobClass);
    const shard = shardOfSession(session, world.shards);
    const allowed = share(limits.depth[jobClass], shard, (other) => outlook.counts(other).depth[place] ?? 0);
    const attempts = spec.maxAttempts ?? DEFAULT_ATTEMPTS;
    const what = [
      id,
      session,
      tenant,
      place,
      slot,
      revision,
      body,
      supersedeKey,
      delay,
      attempts,
      notAfter,
      allowed,
      ++puts % SENT_IN_A_MS,
    ];
    positions.watch(session);
    const answer = textOf(await calls.call(PUT, shard, ...what));
    if (answer === 'queued' && delay > 0) outlook.expect(shard, time.now() + delay);
    return answer === 'queued' || answer === 'full' ? answer : 'duplicate';
  };

  const sum = (of: (counts: ReturnType<typeof outlook.counts>) => number): number =>
    outlook.all().reduce((total, counts) => total + of(counts), 0);
  const counted = { superseded: 0, expired: 0, lost: 0 };
  let isCounted = false;
  /** Redis counts for ever; a queue tells what came since it was opened. */
  const since = (): typeof counted => {
    if (!isCounted) {
      isCounted = true;
      counted.superseded = sum(({ superseded }) => superseded);
      counted.expired = sum(({ expired }) => expired);
      counted.lost = sum(({ lost }) => lost);
    }
    return counted;
  };

  const classStats = (jobClass: JobClass, place: number): ClassStats => {
    const times = outlook.all().flatMap(({ oldest }) => oldest[place] ?? []);
    return {
      depth: sum(({ depth }) => depth[place] ?? 0),
      limit: limits.depth[jobClass],
      oldest: millis(times.length === 0 ? 0 : Math.max(0, time.now() - Math.min(...times))),
    };
  };

  const statsNow = (): QueueStats => ({
    classes: perClass(classStats),
    leased: sum(({ leased }) => leased),
    delayed: sum(({ delayed }) => delayed),
    dead: sum(({ dead }) => dead),
    superseded: sum(({ superseded }) => superseded) - since().superseded,
    expired: sum(({ expired }) => expired) - since().expired,
    leasesLost: sum(({ lost }) => lost) - since().lost,
  });

  const port: JobQueue<Body> = {
    put,
    claim,
    async extend({ id, token }) {
      checkOpen();
      const answer = textOf(await calls.call(EXTEND, shardOfNumber(token), id, token, limits.lease));
      if (answer === 'ok' || answer === 'superseded' || answer === 'cancelled') return answer;
      held.delete(token);
      return 'lost';
    },
    async ack({ id, token }) {
      checkOpen();
      const done = textOf(await calls.call(ACK, shardOfNumber(token), id, token, limits.remember));
      held.delete(token);
      return done === '1';
    },
    async nack({ id, token }, options = {}) {
      checkOpen();
      const { delay = millis(0), countAttempt = true, dead = false, reason = 'its worker gave it back' } = options;
      const shard = shardOfNumber(token);
      const how = [delay, countAttempt ? 1 : 0, dead ? 1 : 0, reason];
      const done = textOf(await calls.call(NACK, shard, id, token, ...how));
      held.delete(token);
      if (delay > 0) outlook.expect(shard, time.now() + delay);
      return done === '1';
    },
    async cancel(id) {
      checkOpen();
      // An id does not tell its session, and so not its shard.
      const answers = await Promise.all(shardNumbers(world).map((shard) => calls.call(CANCEL, shard, id)));
      const texts = answers.map(textOf);
      if (texts.includes('removed')) return 'removed';
      return texts.includes('signalled') ? 'signalled' : 'unknown';
    },
    async cancelSession(session) {
      checkOpen();
      const shard = shardOfSession(checkedSession(session), world.shards);
      return Number(textOf(await calls.call(CANCEL_SESSION, shard, session)));
    },
    async isWorkedOn(session) {
      checkOpen();
      return (
        textOf(await calls.call(WORKED_ON, shardOfSession(checkedSession(session), world.shards), session)) === '1'
      );
    },
    position: (session) => positions.get(session),
    stats: () => {
      isUsed = true;
      return statsNow();
    },
    ...deadLetters(world, calls),
  };

  return {
    port,
    calls: { ...calls, lookAll: () => calls.lookAll().then(() => void since()) },
    room,
    isUsed: () => isUsed,
    settled: (token) => void held.delete(token),
    share,
    async close() {
      closing = true;
      hesitating.close();
      await room.close();
      await Promise.all([...held].map(([token, id]) => giveBack(token, id).catch(() => {})));
    },
  };
}
