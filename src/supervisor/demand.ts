import type { JobClass, QueueStats } from '../core/index.ts';
import type { Demand } from './scaling.ts';
import type { WorkDone } from './worker-metrics.ts';

/** What one worker tells at one moment. */
export interface WorkerSample {
  readonly id: number;
  readonly done: WorkDone;
  /** Processor time of it and its engines, where that can be told. */
  readonly cpuSeconds: number | undefined;
}

/** One look at everything. */
export interface Sample {
  /** In seconds, monotonic. */
  readonly at: number;
  readonly queue: Pick<QueueStats, 'classes'>;
  readonly workers: readonly WorkerSample[];
}

/** Means are over so many seconds, as `rate(…[5m])` is. */
const MEAN_SECONDS = 300;
/** The trend of live work is that of so many seconds, as `deriv(…[2m])` is. */
const TREND_SECONDS = 120;
/** Processor time is looked at over so many. */
const CPU_SECONDS = 60;
/** What a job takes while none has ended yet. */
const UNKNOWN_JOB_SECONDS = 1;
const URGENT: readonly JobClass[] = ['final', 'partial', 'interactive'];

interface Totals {
  readonly at: number;
  readonly live: number;
  readonly engine: number;
  readonly jobs: number;
  readonly cpu: number;
  /** Mean live places up to then. */
  readonly places: number;
}

/**
 * Keeps the last five minutes of samples and says what they come to. Workers count from 0 when they start, so what each has
 * done since its last sample is added up.
 *
 * @param cpuPerWorker processor seconds a second that a worker may take.
 */
export function createDemandMeter(cpuPerWorker: number): (sample: Sample) => Demand {
  let history: readonly Totals[] = [];
  let last = new Map<number, WorkerSample>();

  return ({ at, queue, workers }) => {
    const before = history.at(-1) ?? { at, live: 0, engine: 0, jobs: 0, cpu: 0, places: 0 };
    let { live, engine, jobs, cpu } = before;
    for (const { id, done, cpuSeconds } of workers) {
      const old = last.get(id);
      live += done.liveSeconds - (old?.done.liveSeconds ?? 0);
      engine += done.engineSeconds - (old?.done.engineSeconds ?? 0);
      jobs += done.engineJobs - (old?.done.engineJobs ?? 0);
      // What it took to start is no sign of work.
      if (old?.cpuSeconds !== undefined) cpu += (cpuSeconds ?? old.cpuSeconds) - old.cpuSeconds;
    }
    last = new Map(workers.map((worker) => [worker.id, worker]));
    const since = (seconds: number): readonly Totals[] => history.filter((one) => at - one.at <= seconds);
    const [first] = since(MEAN_SECONDS);
    const span = at - (first?.at ?? at);
    const places = first === undefined || span === 0 ? 0 : (live - first.live) / span;
    const [cpuFirst] = since(CPU_SECONDS);
    const cpuSpan = at - (cpuFirst?.at ?? at);
    history = [...since(MEAN_SECONDS), { at, live, engine, jobs, cpu, places }];
    const done = jobs - (first?.jobs ?? 0);
    const depth = (classes: readonly JobClass[]): number =>
      classes.reduce((sum, name) => sum + queue.classes[name].depth, 0);
    const tellsCpu =
      workers.some(({ cpuSeconds }) => cpuSeconds !== undefined) && cpuFirst !== undefined && cpuSpan > 0;
    return {
      livePlaces: places,
      liveSlope: slope(since(TREND_SECONDS).map((one) => [one.at, one.places])),
      urgentJobs: depth(URGENT),
      batchJobs: depth(['batch']),
      jobSeconds: first === undefined || done === 0 ? UNKNOWN_JOB_SECONDS : (engine - first.engine) / done,
      workers: workers.length,
      cpu: tellsCpu ? (cpu - cpuFirst.cpu) / cpuSpan / (workers.length * cpuPerWorker) : undefined,
    };
  };
}

/** Of the line that fits best (least squares); 0 of fewer than two points. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return points.length < 2 || spread === 0
    ? 0
    : points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread;
}
