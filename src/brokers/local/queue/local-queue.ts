import type { JobClass, JobQueue, JobSpec, Lease, LeaseProof, Millis, QueueStats } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import { checkedBody } from '../../names.ts';
import type { Op } from '../store/op.ts';
import { waitingRoom } from '../waiting-room.ts';
import type { World } from '../world.ts';
import type { Fence } from './fence.ts';
import type { ResultHooks } from './job-moves.ts';
import { jobMoves } from './job-moves.ts';
import type { JobRecords } from './job-records.ts';
import { factsOf } from './job-records.ts';
import type { Job, JobFacts } from './job.ts';
import { JOB_CLASSES, perClass } from './job.ts';
import { takeUp } from './take-up.ts';
import { turns } from './turns.ts';

export interface QueueLimits {
  /** Jobs a class may hold, waiting and leased. */
  readonly depth: Readonly<Record<JobClass, number>>;
  /** How long a lease lasts when it isn't extended. */
  readonly lease: Millis;
  /** How long the id of a job that is done stays known. */
  readonly remember: Millis;
}

/** The queue, and what the log of results does with it in one step. */
export interface LocalQueue<Body> {
  readonly port: JobQueue<Body>;
  /** The leased job that a proof is good for. */
  owned(lease: LeaseProof): Job | undefined;
  /** Takes a job out as done. The caller writes what is returned, to the shelf of the job. */
  finish(job: Job): readonly Op[];
  /** Takes out all jobs of a session, dead ones too; those under way are lost to their workers. The caller writes. */
  forget(session: string): readonly Op[];
  /** Lets those who wait for a job try again. */
  wake(): void;
  /** Gives back what is leased, and lets go of those who wait. */
  close(): void;
}

/** Opens a queue with what the disk holds of it. */
export async function openQueue<Body>(
  world: World,
  records: JobRecords<Body>,
  fence: Fence,
  limits: QueueLimits,
  results: ResultHooks,
): Promise<LocalQueue<Body>> {
  const { now, checkOpen } = world;
  const room = waitingRoom(world.clock);
  const turn = turns();
  const counters = { superseded: 0, expired: 0 };
  const moves = jobMoves(world, records, results, { remember: limits.remember, onReady: () => room.wake() });
  const { table, dead, recent, owned, write } = moves;
  let lastSeq = takeUp(await records.load(), moves, records);

  const newJob = (facts: JobFacts): Job => ({
    facts,
    seq: ++lastSeq,
    enqueuedAt: now(),
    attempts: 0,
    interruptions: 0,
    state: { kind: 'ready' },
  });

  const lease = (job: Job, body: Body, worker: string): Lease<Body> => {
    const token = fence.next();
    job.attempts++;
    moves.setState(job, { kind: 'leased', token, worker, due: millis(now() + limits.lease) });
    void write(job, [records.change(job)]);
    const { enqueuedAt, attempts: attempt } = job;
    return { ...job.facts, token, attempt, enqueuedAt, body };
  };

  const take = (classes: readonly JobClass[], worker: string): Lease<Body> | undefined => {
    if (results.behind()) return undefined;
    for (const jobClass of turn.order(classes)) {
      for (let job = table.shift(jobClass); job !== undefined; job = table.shift(jobClass)) {
        if ((job.facts.notAfter ?? Number.POSITIVE_INFINITY) < now()) {
          counters.expired++;
          void write(job, moves.drop(job));
          continue;
        }
        turn.done(classes);
        return lease(job, records.body(job), worker);
      }
    }
    return undefined;
  };

  const put = async (spec: JobSpec<Body>): Promise<'queued' | 'duplicate' | 'full'> => {
    checkOpen();
    const bodyText = checkedBody(spec);
    await world.checkSpace();
    checkOpen();
    moves.catchUp();
    const { id, jobClass, supersedeKey, delay = 0 } = spec;
    const facts = factsOf(spec);
    if (table.get(id) !== undefined || dead.has(id) || recent.has(id, now()) || results.known(facts))
      return 'duplicate';
    const old = supersedeKey === undefined ? undefined : table.ofKey(supersedeKey);
    const replaces = old !== undefined && old.state.kind !== 'leased';
    const freed = replaces && old.facts.jobClass === jobClass ? 1 : 0;
    if (table.depth(jobClass) - freed >= limits.depth[jobClass]) return 'full';
    if (old !== undefined) {
      counters.superseded++;
      void write(old, replaces ? moves.drop(old) : moves.flag(old, 'superseded'));
    }
    const job = newJob(facts);
    table.add(job);
    if (delay > 0) moves.setState(job, { kind: 'delayed', due: millis(now() + delay) });
    const written = write(job, [records.create(job, bodyText), ...(delay > 0 ? [records.change(job)] : [])]);
    room.wake();
    await written;
    return 'queued';
  };

  const cancel = async (job: Job | undefined): Promise<'removed' | 'signalled' | 'unknown'> => {
    if (job === undefined) return 'unknown';
    const leased = job.state.kind === 'leased';
    await write(job, leased ? moves.flag(job, 'cancelled') : moves.drop(job));
    return leased ? 'signalled' : 'removed';
  };

  const stats = (): QueueStats => {
    moves.catchUp();
    return {
      classes: perClass((name) => {
        const oldest = table.oldest(name);
        return {
          depth: table.depth(name),
          limit: limits.depth[name],
          oldest: millis(oldest === undefined ? 0 : now() - oldest),
        };
      }),
      leased: table.count('leased'),
      delayed: table.count('delayed'),
      dead: dead.size,
      leasesLost: moves.leasesLost(),
      ...counters,
    };
  };

  const port: JobQueue<Body> = {
    put,
    stats,
    async claim({ worker, classes = JOB_CLASSES, wait, signal }) {
      checkOpen();
      moves.catchUp();
      return (await room.wait(() => take(classes, worker), { wait, signal })) ?? null;
    },
    async extend(proof) {
      checkOpen();
      const job = owned(proof);
      if (job?.state.kind !== 'leased') return 'lost';
      const { flag } = job.state;
      moves.setState(job, { ...job.state, due: millis(now() + limits.lease) });
      return flag ?? 'ok';
    },
    async ack(proof) {
      checkOpen();
      const job = owned(proof);
      if (job !== undefined) await write(job, moves.finish(job));
      return job !== undefined;
    },
    async nack(proof, { countAttempt = true, reason = 'its worker gave it back', ...how } = {}) {
      checkOpen();
      const job = owned(proof);
      if (job === undefined) return false;
      if (!countAttempt) job.attempts--;
      await write(job, moves.giveBack(job, { reason, ...how }));
      return true;
    },
    async cancel(id) {
      checkOpen();
      return cancel(table.get(id));
    },
    async cancelSession(session) {
      checkOpen();
      const jobs = table.ofSession(session);
      await Promise.all(jobs.map(cancel));
      return jobs.length;
    },
    async isWorkedOn(session) {
      checkOpen();
      return table.ofSession(session).length > 0;
    },
    position(session) {
      const first = table.ofSession(session).find((job) => job.state.kind === 'ready');
      return first === undefined ? undefined : table.ahead(first);
    },
    dead: async (limit) => dead.newest(limit).map(({ letter }) => letter),
    async requeueDead(id) {
      checkOpen();
      const record = dead.remove(id);
      if (record === undefined) return false;
      const job = newJob(record.facts);
      table.add(job);
      const written = write(job, [records.dead(id, undefined), records.change(job), ...results.revived(job.facts)]);
      room.wake();
      await written;
      return true;
    },
  };

  return {
    port,
    owned,
    finish: moves.finish,
    forget: (session) => [
      ...table.ofSession(session).flatMap(moves.drop),
      ...dead.ofSession(session).flatMap(({ letter: { id } }) => {
        dead.remove(id);
        return [records.dead(id, undefined), ...records.remove(id)];
      }),
    ],
    wake: () => room.wake(),
    close() {
      room.close();
      for (const job of table.leased()) {
        job.attempts--;
        void write(job, moves.giveBack(job, { reason: 'the server stopped' }));
      }
      moves.close();
    },
  };
}
