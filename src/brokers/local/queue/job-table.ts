import type { JobClass, Millis } from '../../../core/index.ts';
import type { Job, JobState } from './job.ts';
import { perClass } from './job.ts';
import { lines } from './lines.ts';

/** Every job that is ready, delayed or leased, by all that it is looked up by. */
export interface JobTable {
  get(id: string): Job | undefined;
  /** Adds it in the state that it has. */
  add(job: Job): void;
  /** Moves it to another state; a ready one goes to the given end of its line. */
  move(job: Job, state: JobState, where?: 'front' | 'back'): void;
  remove(job: Job): void;
  /** The next ready job of a class, out of its line; the caller moves or removes it. */
  shift(jobClass: JobClass): Job | undefined;
  /** The newest job of a key. */
  ofKey(supersedeKey: string): Job | undefined;
  /** In order of arrival. */
  ofSession(session: string): readonly Job[];
  leased(): readonly Job[];
  depth(jobClass: JobClass): number;
  /** When the oldest of a class was put. */
  oldest(jobClass: JobClass): Millis | undefined;
  /** How many are in a state. */
  count(kind: JobState['kind']): number;
  ahead(job: Job): number | undefined;
}

export function jobTable(): JobTable {
  const jobs = new Map<string, Job>();
  const ready = lines();
  const held = perClass(() => new Set<Job>());
  const sessions = new Map<string, Set<Job>>();
  const keys = new Map<string, Job>();
  const counts = { ready: 0, delayed: 0, leased: 0 };

  const enter = (job: Job, where: 'front' | 'back'): void => {
    counts[job.state.kind]++;
    if (job.state.kind === 'ready') ready.add(job, where);
  };
  const leave = (job: Job): void => {
    counts[job.state.kind]--;
    if (job.state.kind === 'ready') ready.remove(job);
  };

  return {
    get: (id) => jobs.get(id),
    add(job) {
      const { id, session, jobClass, supersedeKey } = job.facts;
      jobs.set(id, job);
      held[jobClass].add(job);
      if (supersedeKey !== undefined) keys.set(supersedeKey, job);
      const siblings = sessions.get(session);
      if (siblings === undefined) sessions.set(session, new Set([job]));
      else siblings.add(job);
      enter(job, 'back');
    },
    move(job, state, where = 'back') {
      leave(job);
      job.state = state;
      enter(job, where);
    },
    remove(job) {
      const { id, session, jobClass, supersedeKey } = job.facts;
      leave(job);
      jobs.delete(id);
      held[jobClass].delete(job);
      if (supersedeKey !== undefined && keys.get(supersedeKey) === job) keys.delete(supersedeKey);
      const siblings = sessions.get(session);
      siblings?.delete(job);
      if (siblings?.size === 0) sessions.delete(session);
    },
    shift: (jobClass) => ready.shift(jobClass),
    ofKey: (supersedeKey) => keys.get(supersedeKey),
    ofSession: (session) => [...(sessions.get(session) ?? [])],
    leased: () => [...jobs.values()].filter((job) => job.state.kind === 'leased'),
    depth: (jobClass) => held[jobClass].size,
    oldest: (jobClass) => held[jobClass].values().next().value?.enqueuedAt,
    count: (kind) => counts[kind],
    ahead: (job) => ready.ahead(job),
  };
}
