import type { JobClass } from '../../src/core/index.ts';
import { costOf, type Costs } from './costs.ts';
import { exponential, type Random } from './random.ts';
import type { PlannedJob } from './simulate.ts';

/** A job of a run, measured or simulated. */
export interface MadeJob extends PlannedJob {
  readonly id: string;
  readonly session: string;
  readonly slot: string;
  readonly revision: number;
  /** Of sound. */
  readonly seconds: number;
}

export interface SpeakerOptions {
  readonly sessions: number;
  readonly untilMs: number;
  readonly costs: Costs;
  readonly random: Random;
  /** Begins every id. */
  readonly name: string;
  readonly tenants: number;
}

const TURN_LEAST = 0.8;
const TURN_MEAN_MORE = 4;
const TURN_MOST = 30;
const PAUSE_MEAN = 3;
const PARTIAL_EVERY = 0.5;
/** Above any partial's. */
const FINAL_REVISION = 1_000_000;
/** A segment of a file: speech between two pauses, cut at 30 s. */
const FILE_SECONDS = { least: 5, most: 30 };

/**
 * People who speak and pause: turns of 0.8 s and an exponential of 4 s more, at most 30 s; pauses exponential of 3 s; a partial every
 * half second over all that was said of the turn, and a final at its end. Each begins at a random place in a pause.
 */
export function speakers({ sessions, untilMs, costs, random, name, tenants }: SpeakerOptions): readonly MadeJob[] {
  const jobs: MadeJob[] = [];
  for (let number = 0; number < sessions; number++) {
    const session = `${name}-live-${number}`;
    const tenant = `tenant-${number % tenants}`;
    let start = exponential(random, PAUSE_MEAN);
    for (let turn = 0; start * 1000 < untilMs; turn++) {
      const length = Math.min(TURN_MOST, TURN_LEAST + exponential(random, TURN_MEAN_MORE));
      const add = (jobClass: 'final' | 'partial', seconds: number, revision: number): void => {
        const at = (start + seconds) * 1000;
        if (at >= untilMs) return;
        const slot = `utterance/${turn}`;
        jobs.push({
          id: `${session}/${turn}/${jobClass === 'final' ? 'final' : revision}`,
          session,
          tenant,
          jobClass,
          slot,
          revision,
          at,
          seconds,
          serviceMs: costOf(costs[jobClass], seconds, random()),
          supersedes: `${session}/${turn}`,
        });
      };
      for (let part = 1; part * PARTIAL_EVERY < length; part++) add('partial', part * PARTIAL_EVERY, part);
      add('final', length, FINAL_REVISION);
      start += length + exponential(random, PAUSE_MEAN);
    }
  }
  return jobs;
}

/** One segment of a file, of a session of its own. */
export function fileSegment(
  session: string,
  jobClass: JobClass,
  tenant: string,
  at: number,
  costs: Costs,
  random: Random,
): MadeJob {
  const seconds = FILE_SECONDS.least + random() * (FILE_SECONDS.most - FILE_SECONDS.least);
  const serviceMs = costOf(costs.final, seconds, random());
  return { id: `${session}/0`, session, tenant, jobClass, slot: 'segment/0/0', revision: 1, at, seconds, serviceMs };
}

/** How many workers one speaker keeps busy in the mean: of turns that are drawn until the mean stands still. */
export function loadOfSpeaker(costs: Costs, random: Random): number {
  const untilMs = 1_000_000;
  const all = speakers({ sessions: 20, untilMs, costs, random, name: 'draw', tenants: 1 });
  return all.reduce((sum, { serviceMs }) => sum + serviceMs, 0) / (20 * untilMs);
}
