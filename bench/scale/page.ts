import type { Costs } from './costs.ts';
import type { KneeStep } from './knee.ts';
import type { SessionCost } from './live-cost.ts';
import type { Delays, LiveLoad } from './live-load.ts';
import { coresFor, redisFor, type Carried } from './needs.ts';
import type { Fairness, Throughput } from './throughput.ts';

export interface ScaleResults {
  readonly throughput: readonly Throughput[];
  readonly fairness: Fairness;
  readonly live: readonly LiveLoad[];
  readonly knee: readonly KneeStep[];
  readonly session: SessionCost;
  readonly engine: Costs;
  readonly thousand: readonly Carried[];
  readonly many: Carried;
  /** Of Redis. */
  readonly version: string;
  readonly machine: string;
  readonly date: Date;
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const delays = ({ p50, p95, p99 }: Delays): string => `${ms(p50)} / ${ms(p95)} / ${ms(p99)}`;
const rows = (lines: readonly (readonly (string | number)[])[]): string =>
  lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** A step of the knee is in time when nearly every job has a worker in so long. */
const LEASE_MS = 100;

function goalsOf({ throughput, live, session }: ScaleResults): readonly (readonly string[])[] {
  const one = throughput.find(({ workers }) => workers === 1);
  const many = throughput.find(({ workers }) => workers === 32);
  const [busy] = live;
  if (one === undefined || many === undefined || busy === undefined)
    throw new Error('runs of 1 and 32 workers make a page');
  const ratio = many.busy / one.busy;
  const late = busy.measured.p95 / busy.ideal.p95;
  const carries = session.local / session.gateway;
  const whole = session.local / (session.gateway + session.worker + session.aggregator);
  const yes = (met: boolean): string => (met ? 'yes' : 'no');
  return [
    ['32 workers against 32 × one', '≥ 0.95', ratio.toFixed(3), yes(ratio >= 0.95)],
    [
      `final at ${percent(busy.load)} load of ${busy.workers} workers, 95 %, against a simulation in which the queue costs nothing`,
      '≤ 1.2×',
      `${late.toFixed(2)}×`,
      yes(late <= 1.2),
    ],
    [
      'live sessions that a core of a gateway carries with Redis, against a core of one process with everything in it',
      '≥ 0.6',
      carries.toFixed(2),
      yes(carries >= 0.6),
    ],
    ['the same with the CPU of workers and aggregator added to the gateway’s', '', whole.toFixed(2), ''],
  ];
}

/** The page that `docs/` keeps. */
export function scalePage(results: ScaleResults): string {
  const { throughput, fairness, live, knee, session, engine, thousand, many, version, machine, date } = results;
  const inTime = knee.findLast(({ lease99, asked, done }) => lease99 <= LEASE_MS && done >= 0.97 * asked);
  const redis = redisFor(session.redis * many.sessions);
  const cost = ({ base, perSecond }: Costs['final']): string => `${ms(base)} and ${ms(perSecond)} a second of sound`;
  return `# How it scales

Written by \`npm run bench:scale\`; do not edit. Workers are real in all but the engine: each has connections of its own, claims, fetches the sound, keeps its
lease alive and commits, over a real Redis; where the engine would work, it waits as long as an engine takes. So one machine stands for many, as long
as its own cores are not the limit: Redis, all workers and those who put jobs share them here.

| | |
|---|---|
| date | ${date.toISOString().slice(0, 10)} |
| Redis | ${version}, append-only file synced each second |
| machine | ${machine} |

## Goals

| what | goal | measured | met |
|---|---|---|---|
${rows(goalsOf(results))}

## More workers

Segments of files of 5 to 30 s that wait; engines take 65 ms and 32.5 ms a second of sound. *Busy* is the share of the workers' time in which engines
worked. Redis has the sound to hand out too.

| workers | jobs a second | busy | Redis CPU a job | to and from Redis a job |
|---|---|---|---|---|
${rows(throughput.map((one) => [one.workers, one.jobsASecond.toFixed(1), percent(one.busy), `${one.redisMsPerJob.toFixed(2)} ms`, `${one.redisKbPerJob.toFixed(0)} kB`]))}

Of ${fairness.tenants} tenants that all wait, one with ${fairness.greed} times the jobs of any other, each gets the same: Jain's index of what they got is
**${fairness.index.toFixed(3)}** (1 is equal, ${(1 / fairness.tenants).toFixed(3)} is all for one).

## Live speech

People speak in turns of 0.8 s and an exponential of 4 s more, and pause for 3 s; a partial each half second over all that was said of the turn (50 ms and 25 ms a second), a
final at its end (1.3 times that). From the end of speech to the committed final, median / 95 % / 99 %. *Ideal* is a simulation of the same jobs in which
the queue costs nothing, *predicted* one with the mean times that lease, fetch and commit took. The simulation is held to Erlang's formula and Little's law by tests.

| sessions | workers | load | measured | ideal | predicted | partials replaced by newer ones: measured, ideal |
|---|---|---|---|---|---|---|
${rows(live.map((one) => [one.sessions, one.workers, percent(one.load), delays(one.measured), delays(one.ideal), delays(one.predicted), `${one.superseded}, ${one.supersededIdeal}`]))}

## One Redis

Short jobs (20 ms) at an even pace, each with five seconds of sound to fetch, 64 workers; the first two seconds are not counted. Workers and Redis share this machine's cores,
so this is where **the machine** is late; Redis alone is later than that. Up to ${inTime === undefined ? 'the first step nothing' : `${inTime.asked} jobs a second 99 % of jobs`} had a worker within ${LEASE_MS} ms.

| jobs a second, asked | done | due to lease, median | 99 % | Redis, of a core | Redis CPU a job |
|---|---|---|---|---|---|
${rows(knee.map((step) => [step.asked, step.done.toFixed(0), ms(step.lease50), ms(step.lease99), percent(step.redisBusy), `${step.redisMsPerJob.toFixed(2)} ms`]))}

## What a live session costs

${session.sessions} people speak 60 % of the time, in real time, into processes of their own; engines only pretend. CPU for each second of a session:

| gateway | worker, without its engine | aggregator | Redis | all but Redis | one process with everything, local broker | to and from Redis |
|---|---|---|---|---|---|---|
${rows([[ms(session.gateway), ms(session.worker), ms(session.aggregator), ms(session.redis), ms(session.gateway + session.worker + session.aggregator), ms(session.local), `${session.redisKbASecond.toFixed(0)} kB`]])}

## 1,000 workers, 20,000 sessions

Not measured: computed from the above. The engine is the built-in model on one core of this machine: ${cost(engine.partial)} for a partial, ${cost(engine.final)} for
a final, spread as measured. Workers have one core each; finals from a simulation of 60 s.

| workers | sessions | load | final, median / 95 % / 99 % |
|---|---|---|---|
${rows([...thousand, many].map((one) => [one.workers, one.sessions, percent(one.load), delays(one.finals)]))}

The last row is the fewest workers that give 95 % of finals within a second. ${many.sessions.toLocaleString('en')} sessions need beside them, at most 70 % busy:

| part | cores |
|---|---|
| gateways | ${coresFor(session.gateway * many.sessions)} |
| aggregators | ${coresFor(session.aggregator * many.sessions)} |
| Redis | ${redis.processes} |

${
  redis.enough
    ? `Redis has 16 shards, so ${redis.processes} primaries can share them.`
    : `Redis has 16 shards, so at most 16 primaries can share them: that many sessions are ${Math.ceil(redis.processes / 16)} sites, each with a Redis Cluster of its own.`
} What this leaves out: every job is told to every process that claims, so that a put costs Redis the more the more worker processes there are (not the more cores: one process
feeds all cores of its machine); and a network between the machines.
`;
}
