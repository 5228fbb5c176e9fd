import type { LeaseProof, Millis } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import { schedule } from '../schedule.ts';
import type { Op } from '../store/op.ts';
import type { World } from '../world.ts';
import { deadLetters } from './dead-letters.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { JobRecords } from './job-records.ts';
import type { Job, JobFacts, JobState } from './job.ts';
import { jobTable } from './job-table.ts';
import type { JobTable } from './job-table.ts';
import { recentIds } from './recent-ids.ts';
import type { RecentIds } from './recent-ids.ts';

/** What the queue asks of the log that its results go to. */
export interface ResultHooks {
  /** Whether the slot has a result of that revision or a later one. */
  known(facts: JobFacts): boolean;
  /** What to write when a job becomes a dead letter. */
  died(job: Job, reason: string): readonly Op[];
  /** What to write when a dead letter is put back. */
  revived(facts: JobFacts): readonly Op[];
  /** Whether no more results should be made for now. */
  behind(): boolean;
}

export interface MoveOptions {
  /** How long the id of a job that is done stays known. */
  readonly remember: Millis;
  /** A job became ready. */
  readonly onReady: () => void;
}

/**
 * Every way from one state of a job to another (`job.ts`), in memory at once. What a move returns is for the caller to write to
 * the shelf of the job, so that it can add to it.
 */
export interface JobMoves {
  readonly table: JobTable;
  readonly dead: DeadLetters;
  readonly recent: RecentIds;
  readonly leasesLost: () => number;
  /** Brings every job up to date whose time has come. */
  readonly catchUp: () => void;
  /** The leased job that a proof is good for. */
  readonly owned: (proof: LeaseProof) => Job | undefined;
  readonly setState: (job: Job, state: JobState, where?: 'front' | 'back') => void;
  /** Gone without a trace. */
  readonly drop: (job: Job) => readonly Op[];
  /** Gone as done. */
  readonly finish: (job: Job) => readonly Op[];
  /** A leased job that is not done: back in line, dead, or gone if nobody wants it. */
  readonly giveBack: (
    job: Job,
    how: { readonly reason: string; readonly delay?: Millis; readonly dead?: boolean },
  ) => readonly Op[];
  readonly kill: (job: Job, reason: string) => readonly Op[];
  /** A leased job that nobody wants any more. */
  readonly flag: (job: Job, why: 'superseded' | 'cancelled') => readonly Op[];
  readonly write: (job: Pick<Job, 'facts'>, ops: readonly Op[]) => Promise<void>;
  readonly close: () => void;
}

export function jobMoves(
  world: World,
  records: Omit<JobRecords<unknown>, 'body'>,
  results: ResultHooks,
  { remember, onReady }: MoveOptions,
): JobMoves {
  const { now } = world;
  const table = jobTable();
  const dead = deadLetters();
  const recent = recentIds();
  let leasesLost = 0;

  const due = schedule(world.clock, now, (id, at) => {
    const job = table.get(id);
    if (job === undefined || job.state.kind === 'ready' || job.state.due !== at) return;
    if (job.state.kind === 'delayed') {
      setState(job, { kind: 'ready' });
      void write(job, [records.change(job)]);
    } else {
      leasesLost++;
      void write(job, giveBack(job, { reason: `${job.state.worker} did not answer in time` }));
    }
  });

  const write = (job: Pick<Job, 'facts'>, ops: readonly Op[]): Promise<void> => records.shelf(job.facts).write(ops);

  const setState = (job: Job, state: JobState, where?: 'front' | 'back'): void => {
    table.move(job, state, where);
    if (state.kind === 'ready') onReady();
    else due.add(state.due, job.facts.id);
  };

  const drop = (job: Job): readonly Op[] => {
    table.remove(job);
    return records.remove(job.facts.id);
  };

  /** Ids and dead letters whose time is over; deleting what a shelf doesn't have is fine. */
  const forgetOld = (): void => {
    const ops = [
      ...recent.prune(now()).map((id) => records.recent(id, undefined)),
      ...dead.prune(now()).flatMap(({ letter }) => [records.dead(letter.id, undefined), ...records.remove(letter.id)]),
    ];
    if (ops.length === 0) return;
    void world.memory.write(ops);
    void world.store.behind.write(ops);
  };

  const kill = (job: Job, reason: string): readonly Op[] => {
    forgetOld();
    const { id, session, tenant } = job.facts;
    table.remove(job);
    const record = { letter: { id, session, tenant, reason, attempts: job.attempts, at: now() }, facts: job.facts };
    dead.add(record);
    return [records.dead(id, record), ...results.died(job, reason)];
  };

  return {
    table,
    dead,
    recent,
    leasesLost: () => leasesLost,
    catchUp: () => due.run(),
    owned({ id, token }) {
      due.run();
      const job = table.get(id);
      return job?.state.kind === 'leased' && job.state.token === token ? job : undefined;
    },
    setState,
    drop,
    finish(job) {
      forgetOld();
      const until = millis(now() + remember);
      recent.add(job.facts.id, until);
      return [...drop(job), records.recent(job.facts.id, until)];
    },
    giveBack,
    kill,
    flag(job, why) {
      if (job.state.kind === 'leased') job.state = { flag: why, ...job.state };
      return [records.change(job)];
    },
    write,
    close: () => due.close(),
  };

  function giveBack(
    job: Job,
    { reason, delay = millis(0), dead: asked = false }: Parameters<JobMoves['giveBack']>[1],
  ): readonly Op[] {
    if (job.state.kind === 'leased' && job.state.flag !== undefined) return drop(job);
    if (asked || job.attempts >= job.facts.maxAttempts) return kill(job, reason);
    if (delay > 0) setState(job, { kind: 'delayed', due: millis(now() + delay) });
    else setState(job, { kind: 'ready' }, 'front');
    return [records.change(job)];
  }
}
