/** What there is to do, as the queue and the workers' own metrics tell it. */
export interface Demand {
  /** Jobs of live speech under way, on the mean of some minutes. */
  readonly livePlaces: number;
  /** How that changes, in places a second; falling counts as steady. */
  readonly liveSlope: number;
  /** Jobs that somebody waits for: `final`, `partial` and `interactive`, in line or under way. */
  readonly urgentJobs: number;
  /** Jobs of class `batch`, in line or under way. */
  readonly batchJobs: number;
  /** Seconds that a job takes, on the mean. */
  readonly jobSeconds: number;
  /** Workers that run now. */
  readonly workers: number;
  /** Of the processor time that these may take, the share that they do; undefined where nobody can tell. */
  readonly cpu: number | undefined;
}

export interface ScalingRules {
  /** Workers there always are. */
  readonly min: number;
  readonly max: number;
  /** Jobs that one worker does well at once. */
  readonly slotsPerWorker: number;
  /** Live demand is met as it will be in so many seconds: what it takes to start a worker. */
  readonly aheadSeconds: number;
  /** Urgent jobs are to be done within so many seconds, */
  readonly urgentSeconds: number;
  /** and background jobs within so many. */
  readonly batchSeconds: number;
  /** The share of their processor time that workers shall take. */
  readonly cpuTarget: number;
}

/**
 * Numbers of a trial of signals over simulated days: demand with room for its own spread (2 √live, the square-root rule of
 * staffing) had a sixth of the late answers that queue depth had, for the same hours of workers.
 */
export const DEFAULT_SCALING = {
  slotsPerWorker: 8,
  aheadSeconds: 45,
  urgentSeconds: 5,
  batchSeconds: 180,
  cpuTarget: 0.7,
} as const;

/** Places that are needed for the demand; `deploy/prometheus/scaling.rules.yml` has the same as `scriptorium:desired_slots`. */
export function slotsNeeded(
  { livePlaces, liveSlope, urgentJobs, batchJobs, jobSeconds }: Omit<Demand, 'workers' | 'cpu'>,
  { aheadSeconds, urgentSeconds, batchSeconds }: Pick<ScalingRules, 'aheadSeconds' | 'urgentSeconds' | 'batchSeconds'>,
): number {
  const live = livePlaces + Math.max(0, aheadSeconds * liveSlope);
  return (
    live + 2 * Math.sqrt(live) + (urgentJobs * jobSeconds) / urgentSeconds + (batchJobs * jobSeconds) / batchSeconds
  );
}

/** Workers that are needed: by places or by processor time, whichever says more, within the bounds. */
export function workersNeeded(demand: Demand, rules: ScalingRules): number {
  const bySlots = Math.ceil(slotsNeeded(demand, rules) / rules.slotsPerWorker);
  const byCpu = demand.cpu === undefined ? 0 : Math.ceil((demand.workers * demand.cpu) / rules.cpuTarget);
  return Math.min(rules.max, Math.max(rules.min, bySlots, byCpu));
}
