import type { JobClass } from '../../src/core/index.ts';
import { DEFAULT_ATTEMPTS, LOW_EVERY } from '../../src/core/index.ts';

/** A job as the model sees it. */
interface ModelJob {
  readonly id: string;
  readonly jobClass: JobClass;
  readonly tenant: string;
  readonly key: string | undefined;
  seq: number;
  attempts: number;
  state: 'ready' | 'delayed' | 'leased';
  /** Of `delayed` and `leased`. */
  due: number;
  token: number;
  flag: 'superseded' | 'cancelled' | undefined;
}

export interface ModelPut {
  readonly id: string;
  readonly jobClass: JobClass;
  readonly tenant: string;
  readonly key: string | undefined;
  readonly delay: number;
}

const LIVE: ReadonlySet<JobClass> = new Set(['final', 'partial']);
const CLASSES: readonly JobClass[] = ['final', 'partial', 'interactive', 'batch'];

/**
 * What a queue promises, as plainly as it can be said: jobs in one array, each line of a class and tenant a filter over it. It does
 * not know whose turn it is, but whose it can't be.
 */
export interface QueueModel {
  pass(time: number): void;
  put(put: ModelPut): 'queued' | 'duplicate';
  /** Takes what was handed out. @returns what is wrong with handing that out, if anything is. */
  claimed(lease: { readonly id: string; readonly token: number; readonly attempt: number } | null): string | undefined;
  extend(id: string, token: number): 'ok' | 'superseded' | 'cancelled' | 'lost';
  ack(id: string, token: number): boolean;
  nack(id: string, token: number, delay: number, counted: boolean): boolean;
  cancel(id: string): 'removed' | 'signalled' | 'unknown';
  /** The broker is closed and opened again: live speech ends with it. */
  restart(): void;
  depth(jobClass: JobClass): number;
  counts(): {
    readonly leased: number;
    readonly delayed: number;
    readonly dead: number;
    readonly superseded: number;
    readonly leasesLost: number;
  };
}

export function queueModel(bounds: { readonly lease: number; readonly remember: number }): QueueModel {
  let now = 0;
  let lastSeq = 0;
  let superseded = 0;
  let leasesLost = 0;
  let jobs: ModelJob[] = [];
  const dead = new Map<string, JobClass>();
  const recent = new Map<string, { readonly until: number; readonly jobClass: JobClass }>();
  /** The newest job of each key. */
  const keys = new Map<string, ModelJob>();
  /** By class: jobs of others that were handed out while it waited. */
  const passedOver = new Map<JobClass, number>();
  /** By class and waiting tenant: who had a turn meanwhile. */
  const servedSince = new Map<string, Set<string>>();

  const ready = (): readonly ModelJob[] => jobs.filter(({ state }) => state === 'ready');
  const without = (job: ModelJob): ModelJob[] => jobs.filter((other) => other !== job);

  /** Who waits for nothing has been passed over by nobody. */
  const forgetIdle = (): void => {
    const waiting = ready();
    for (const name of servedSince.keys()) {
      if (!waiting.some(({ jobClass, tenant }) => `${jobClass} ${tenant}` === name)) servedSince.delete(name);
    }
    for (const name of passedOver.keys()) {
      if (!waiting.some(({ jobClass }) => jobClass === name)) passedOver.delete(name);
    }
  };

  const enter = (job: ModelJob, where: 'front' | 'back'): void => {
    job.state = 'ready';
    jobs = where === 'front' ? [job, ...without(job)] : [...without(job), job];
  };

  const remove = (job: ModelJob): void => {
    jobs = without(job);
    if (job.key !== undefined && keys.get(job.key) === job) keys.delete(job.key);
    forgetIdle();
  };

  const giveBack = (job: ModelJob, delay: number): void => {
    if (job.flag !== undefined) {
      remove(job);
    } else if (job.attempts >= DEFAULT_ATTEMPTS) {
      remove(job);
      dead.set(job.id, job.jobClass);
    } else if (delay > 0) {
      job.state = 'delayed';
      job.due = now + delay;
    } else {
      enter(job, 'front');
    }
  };

  const owned = (id: string, token: number): ModelJob | undefined =>
    jobs.find((job) => job.id === id && job.state === 'leased' && job.token === token);

  /** What is wrong with handing out this ready job now; counts whom it passes over. */
  const unfair = (job: ModelJob): string | undefined => {
    const inClass = ready().filter(({ jobClass }) => jobClass === job.jobClass);
    if (inClass.find(({ tenant }) => tenant === job.tenant) !== job) return `${job.id} is not the first of its line`;
    for (const name of CLASSES) {
      const waits = name !== job.jobClass && ready().some(({ jobClass }) => jobClass === name);
      const passed = waits ? (passedOver.get(name) ?? 0) + 1 : 0;
      if (passed >= LOW_EVERY) return `${name} is starved`;
      passedOver.set(name, passed);
    }
    for (const tenant of new Set(inClass.map((other) => other.tenant))) {
      if (tenant === job.tenant) continue;
      const name = `${job.jobClass} ${tenant}`;
      const served = servedSince.get(name) ?? new Set();
      if (served.has(job.tenant)) return `${job.tenant} goes twice while ${tenant} waits`;
      servedSince.set(name, served.add(job.tenant));
    }
    servedSince.delete(`${job.jobClass} ${job.tenant}`);
    return undefined;
  };

  return {
    pass(time) {
      const until = now + time;
      for (;;) {
        const due = jobs.filter((job) => job.state !== 'ready' && job.due <= until);
        const [next] = due.toSorted((a, b) => a.due - b.due);
        if (next === undefined) break;
        now = next.due;
        if (next.state === 'leased') {
          leasesLost++;
          giveBack(next, 0);
        } else {
          enter(next, 'back');
        }
      }
      now = until;
    },
    put({ delay, ...spec }) {
      const known = (recent.get(spec.id)?.until ?? 0) > now || dead.has(spec.id);
      if (known || jobs.some(({ id }) => id === spec.id)) return 'duplicate';
      const old = spec.key === undefined ? undefined : keys.get(spec.key);
      if (old !== undefined) {
        superseded++;
        if (old.state === 'leased') old.flag ??= 'superseded';
        else remove(old);
      }
      const fresh = { attempts: 0, due: now + delay, token: 0, flag: undefined };
      const job: ModelJob = { ...spec, ...fresh, seq: ++lastSeq, state: 'delayed' };
      if (spec.key !== undefined) keys.set(spec.key, job);
      if (delay > 0) jobs.push(job);
      else enter(job, 'back');
      return 'queued';
    },
    claimed(lease) {
      const [first] = ready();
      if (lease === null) return first && `nothing is handed out while ${first.id} waits`;
      const job = ready().find(({ id }) => id === lease.id);
      if (job === undefined) return `${lease.id} is handed out and is not ready`;
      if (lease.attempt !== job.attempts + 1) return `${job.id} is at attempt ${job.attempts + 1}`;
      const wrong = unfair(job);
      job.state = 'leased';
      job.attempts++;
      job.token = lease.token;
      job.due = now + bounds.lease;
      forgetIdle();
      return wrong;
    },
    extend(id, token) {
      const job = owned(id, token);
      if (job === undefined) return 'lost';
      job.due = now + bounds.lease;
      return job.flag ?? 'ok';
    },
    ack(id, token) {
      const job = owned(id, token);
      if (job === undefined) return false;
      remove(job);
      recent.set(id, { until: now + bounds.remember, jobClass: job.jobClass });
      return true;
    },
    nack(id, token, delay, counted) {
      const job = owned(id, token);
      if (job === undefined) return false;
      if (!counted) job.attempts--;
      giveBack(job, delay);
      return true;
    },
    cancel(id) {
      const job = jobs.find((one) => one.id === id);
      if (job === undefined) return 'unknown';
      if (job.state === 'leased') {
        job.flag ??= 'cancelled';
        return 'signalled';
      }
      remove(job);
      return 'removed';
    },
    restart() {
      for (const job of jobs.filter(({ jobClass }) => LIVE.has(jobClass))) remove(job);
      for (const [id, jobClass] of dead) if (LIVE.has(jobClass)) dead.delete(id);
      for (const [id, { jobClass }] of recent) if (LIVE.has(jobClass)) recent.delete(id);
      for (const job of jobs.filter(({ state }) => state === 'leased')) {
        job.attempts--;
        if (job.flag === undefined) job.state = 'ready';
        else remove(job);
      }
      jobs.sort((a, b) => a.seq - b.seq);
      passedOver.clear();
      servedSince.clear();
      superseded = 0;
      leasesLost = 0;
    },
    depth: (jobClass) => jobs.filter((job) => job.jobClass === jobClass).length,
    counts() {
      const count = (state: ModelJob['state']): number => jobs.filter((job) => job.state === state).length;
      return { leased: count('leased'), delayed: count('delayed'), dead: dead.size, superseded, leasesLost };
    },
  };
}
