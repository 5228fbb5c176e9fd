import type { Clock, Millis, QueueStats } from '../core/index.ts';
import { millis } from '../core/index.ts';
import { createDemandMeter, type WorkerSample } from './demand.ts';
import { EMPTY_POOL, step, type Pool, type PoolEvent, type PoolRules } from './pool.ts';
import { slotsNeeded, workersNeeded, type Demand, type ScalingRules } from './scaling.ts';
import { createSteadyCount } from './steady.ts';
import type { WorkDone } from './worker-metrics.ts';

/** One worker as a process. */
export interface WorkerProcess {
  /** Resolves when it takes jobs; never when it ends before. */
  readonly ready: Promise<void>;
  /** Resolves with why, however it ends. */
  readonly exited: Promise<string>;
  /** What it has done and taken; rejects when it does not say. */
  sample(): Promise<{ readonly done: WorkDone; readonly cpuSeconds: number | undefined }>;
  /** Has it give back what it can't finish, and end. */
  drain(): void;
  kill(): void;
}

export interface SupervisionOptions {
  readonly clock: Clock;
  readonly start: () => WorkerProcess;
  readonly queue: () => Pick<QueueStats, 'classes'>;
  readonly rules: ScalingRules;
  readonly drain: Millis;
  /** How often all is looked at. */
  readonly every: Millis;
  /** For how long fewer must be enough before one goes. */
  readonly calm: Millis;
  /** Processor seconds a second that a worker may take. */
  readonly cpuPerWorker: number;
  /** Takes the state of things, after each look and whenever a worker comes or goes. */
  readonly onStatus: (status: PoolStatus) => void;
  /** Takes what a worker's end is told as, when it was not asked to end. */
  readonly onLost: (id: number, reason: string) => void;
}

export interface PoolStatus {
  readonly running: number;
  readonly starting: number;
  readonly draining: number;
  readonly wanted: number;
  /** Workers that ended by themselves so far. */
  readonly lost: number;
  /** Places that the formula asks for. */
  readonly slots: number;
  readonly demand: Demand;
}

export interface Supervision {
  /** Drains all; resolves when none is left. Idempotent. */
  stop(): Promise<void>;
}

/** A model of gigabytes over a slow network is ready by then. */
const START_SECONDS = 600;
/** Beyond what a worker itself allows what it has, for its end. */
const FAREWELL_SECONDS = 10;
const STEADY_SECONDS = 60;
const BACKOFF_SECONDS = 0.5;
const MAX_BACKOFF_SECONDS = 60;

/** Keeps as many workers as there is work for, until it is stopped. */
export function supervise(options: SupervisionOptions): Supervision {
  const { clock, start, queue, rules, every } = options;
  const poolRules: PoolRules = {
    max: rules.max,
    startSeconds: START_SECONDS,
    drainSeconds: options.drain / 1000 + FAREWELL_SECONDS,
    steadySeconds: STEADY_SECONDS,
    backoffSeconds: BACKOFF_SECONDS,
    maxBackoffSeconds: MAX_BACKOFF_SECONDS,
  };
  const meter = createDemandMeter(options.cpuPerWorker);
  const steady = createSteadyCount(options.calm / 1000);
  const processes = new Map<number, WorkerProcess>();
  let pool: Pool = EMPTY_POOL;
  let demand: Demand = {
    livePlaces: 0,
    liveSlope: 0,
    urgentJobs: 0,
    batchJobs: 0,
    jobSeconds: 0,
    workers: 0,
    cpu: undefined,
  };
  let isStopping = false;
  let forget = (): void => {};
  let allGone: (() => void) | undefined;
  const seconds = (): number => clock.now() / 1000;

  function tell(): void {
    const count = (state: string): number => pool.workers.filter((worker) => worker.state === state).length;
    const counts = { running: count('running'), starting: count('starting'), draining: count('draining') };
    const { wanted, lost } = pool;
    options.onStatus({ ...counts, wanted, lost, slots: slotsNeeded(demand, rules), demand });
  }

  function happen(event: PoolEvent): void {
    const before = pool;
    const after = step(pool, event, poolRules);
    ({ pool } = after);
    for (const { type, id } of after.actions) {
      if (type === 'start') begin(id);
      else if (type === 'drain') processes.get(id)?.drain();
      else processes.get(id)?.kill();
    }
    if (before.workers !== pool.workers) tell();
    if (isStopping && pool.workers.length === 0) allGone?.();
  }

  function begin(id: number): void {
    const process = start();
    processes.set(id, process);
    process.ready.then(
      () => happen({ type: 'ready', id, at: seconds() }),
      () => undefined,
    );
    void process.exited.then((reason) => leave(id, reason));
  }

  function leave(id: number, reason: string): void {
    const state = pool.workers.find((worker) => worker.id === id)?.state;
    processes.delete(id);
    if (state !== 'draining') options.onLost(id, reason);
    happen({ type: 'exited', id, at: seconds() });
  }

  async function look(): Promise<void> {
    const running = pool.workers.filter(({ state }) => state !== 'starting');
    const workers = await Promise.all(
      running.map(async ({ id }): Promise<readonly WorkerSample[]> => {
        const sample = await processes
          .get(id)
          ?.sample()
          .catch(() => undefined);
        return sample === undefined ? [] : [{ id, ...sample }];
      }),
    );
    if (isStopping) return;
    demand = meter({ at: seconds(), queue: queue(), workers: workers.flat() });
    happen({ type: 'wanted', count: steady(seconds(), workersNeeded(demand, rules)), at: seconds() });
    tell();
  }

  async function again(): Promise<void> {
    await look();
    if (!isStopping) forget = clock.after(every, () => void again());
  }

  happen({ type: 'wanted', count: rules.min, at: seconds() });
  void again();

  let stopped: Promise<void> | undefined;
  return {
    stop() {
      stopped ??= new Promise<void>((resolve) => {
        isStopping = true;
        allGone = resolve;
        forget();
        // Who does not drain in time is killed; time passes by these looks.
        const pass = (): void => {
          happen({ type: 'tick', at: seconds() });
          if (pool.workers.length > 0) forget = clock.after(millis(1000), pass);
        };
        happen({ type: 'wanted', count: 0, at: seconds() });
        pass();
      });
      return stopped.finally(() => forget());
    },
  };
}
