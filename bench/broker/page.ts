import type { AfterChildDeath } from './after-child-death.ts';
import type { AfterDeath } from './after-death.ts';
import type { AfterRestart } from './after-restart.ts';

/** One way of putting and taking jobs; times in milliseconds. */
export interface BrokerRun {
  readonly name: string;
  readonly jobs: number;
  readonly perSecond: number;
  /** From the call of `put` to the lease. */
  readonly p50: number;
  readonly p99: number;
  readonly redisMsPerJob: number;
}

export interface BrokerResults {
  readonly afterChildDeath: AfterChildDeath;
  readonly afterDeath: AfterDeath;
  readonly afterRestart: AfterRestart;
  /** Calm, as fast as can be, at 70 % of that, over a deep queue. */
  readonly runs: readonly [BrokerRun, BrokerRun, BrokerRun, BrokerRun];
  /** At the start of each, not counted. */
  readonly warmUpSeconds: number;
  /** Of Redis. */
  readonly version: string;
  readonly machine: string;
  /** How steadily that runs. */
  readonly slowdowns: string;
  readonly date: Date;
}

/** The page that `docs/` keeps. */
export function brokerPage({
  runs,
  warmUpSeconds,
  afterChildDeath,
  afterDeath,
  afterRestart,
  version,
  machine,
  slowdowns,
  date,
}: BrokerResults): string {
  const [calm, , busy, deep] = runs;
  const goals: readonly (readonly [what: string, goal: string, measured: string, met: boolean])[] = [
    ['put to lease, 20 jobs a second, 99 %', '≤ 10 ms', `${calm.p99.toFixed(1)} ms`, calm.p99 <= 10],
    ['put to lease at 70 % of what it takes, 99 %', '≤ 30 ms', `${busy.p99.toFixed(1)} ms`, busy.p99 <= 30],
    ['Redis CPU a job', '≤ 0.4 ms', `${busy.redisMsPerJob.toFixed(3)} ms`, busy.redisMsPerJob <= 0.4],
    ['the same with 50,000 waiting', '≤ 0.4 ms', `${deep.redisMsPerJob.toFixed(3)} ms`, deep.redisMsPerJob <= 0.4],
    [
      `engine processes are killed: the job is leased again, worst of five (with a new process, that loads the model first, 11 s of speech are answered after ${(afterChildDeath.answeredMs / 1000).toFixed(2)} s)`,
      '≤ 100 ms',
      `${afterChildDeath.worstMs} ms`,
      afterChildDeath.worstMs <= 100,
    ],
    [
      `a worker's process is killed: another has its job, lease of ${afterDeath.leaseMs / 1000} s, worst of five`,
      `≤ ${afterDeath.leaseMs / 1000 + 1} s`,
      `${(afterDeath.worstMs / 1000).toFixed(2)} s`,
      afterDeath.worstMs <= afterDeath.leaseMs + 1000,
    ],
    [
      `Redis (synced always) is killed and started again at ${afterRestart.perSecond} jobs a second: lost, done twice, longest time without a lease`,
      '0, 0, ≤ 2 s',
      `${afterRestart.lost}, ${afterRestart.twice} of ${afterRestart.put}, ${(afterRestart.gapMs / 1000).toFixed(2)} s`,
      afterRestart.lost === 0 && afterRestart.twice === 0 && afterRestart.gapMs <= 2000,
    ],
  ];
  return `# Benchmarks of the Redis broker

Written by \`npm run bench:broker\`; do not edit. A putter and four takers, each on connections of their own, in one process beside a real
Redis: jobs of the size that segments have, audio by reference; each is put, leased and acked. The first ${warmUpSeconds} s of a run, in which
connections open and code is compiled, are not counted. Redis CPU is what \`INFO\` tells, of everything that a job caused, its share of looks at the queue included.

| | |
|---|---|
| date | ${date.toISOString().slice(0, 10)} |
| Redis | ${version}, append-only file synced each second |
| machine | ${machine} |
| the machine alone | ${slowdowns} |

## Goals

| what | goal | measured | met |
|---|---|---|---|
${goals.map(([what, goal, value, met]) => `| ${what} | ${goal} | ${value} | ${met ? 'yes' : 'no'} |`).join('\n')}

## Runs

| run | jobs | a second | put to lease, median | 99 % | Redis CPU a job |
|---|---|---|---|---|---|
${runs.map(({ name, jobs, perSecond, p50, p99, redisMsPerJob }) => `| ${name} | ${jobs} | ${perSecond.toFixed(0)} | ${p50.toFixed(1)} ms | ${p99.toFixed(1)} ms | ${redisMsPerJob.toFixed(3)} ms |`).join('\n')}
`;
}
