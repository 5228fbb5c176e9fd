/** What a site of many sessions needs, computed from what one session costs and simulated where queues decide. */
import type { Costs } from './costs.ts';
import { simulatedDelays, type Delays } from './live-load.ts';
import { seeded } from './random.ts';
import type { SimulatedSite } from './simulate.ts';
import { loadOfSpeaker, speakers } from './workload.ts';

/** Shards are what Redis processes can share: sixteen. */
const SHARDS = 16;
/** A core that is busier than that is late at times. */
const MOST_BUSY = 0.7;
const SIMULATED_SECONDS = 60;
/** A final may take so long behind the end of speech, the pause that told it aside. */
const FINAL_MS = 1000;

export interface Carried {
  readonly workers: number;
  readonly sessions: number;
  readonly load: number;
  readonly finals: Delays;
}

function carry(workers: number, sessions: number, costs: Costs, overhead: Omit<SimulatedSite, 'workers'>): Carried {
  const untilMs = SIMULATED_SECONDS * 1000;
  const jobs = speakers({ sessions, untilMs, costs, random: seeded(sessions), name: 'many', tenants: 50 });
  const { p50, p95, p99 } = simulatedDelays(jobs, { workers, ...overhead });
  const busy = jobs.reduce((sum, { serviceMs }) => sum + serviceMs, 0);
  return { workers, sessions, load: busy / (workers * untilMs), finals: { p50, p95, p99 } };
}

/** Sessions for so many workers, at some loads. */
export function carriedBy(
  workers: number,
  loads: readonly number[],
  costs: Costs,
  overhead: Omit<SimulatedSite, 'workers'>,
): readonly Carried[] {
  const one = loadOfSpeaker(costs, seeded(1));
  return loads.map((load) => carry(workers, Math.round((load * workers) / one), costs, overhead));
}

/** The fewest workers that give finals in time, to within two in a hundred. */
export function workersFor(sessions: number, costs: Costs, overhead: Omit<SimulatedSite, 'workers'>): Carried {
  const one = loadOfSpeaker(costs, seeded(1));
  let workers = Math.ceil(sessions * one * 0.9);
  for (;;) {
    const carried = carry(workers, sessions, costs, overhead);
    if (carried.finals.p95 <= FINAL_MS) return carried;
    workers = Math.ceil(workers * 1.02);
  }
}

/** Processes, each on a core of its own, for work of so many milliseconds a second. */
export const coresFor = (msASecond: number): number => Math.ceil(msASecond / 1000 / MOST_BUSY);

/** Redis processes: no more than there are shards; `enough` tells whether those are. */
export function redisFor(msASecond: number): { readonly processes: number; readonly enough: boolean } {
  const processes = coresFor(msASecond);
  return { processes, enough: processes <= SHARDS };
}
