/** The page that the service's bench writes. */
import type { Interactive, Load } from './measure.ts';

export interface ServiceResults {
  readonly machine: string;
  /** How steadily that runs. */
  readonly slowdowns: string;
  readonly recordings: number;
  readonly seconds: number;
  readonly threads: number;
  /** Requests a second of the engine alone, with as many at a time as there are clients. */
  readonly engine: number;
  /** With everything at once. */
  readonly whole: number;
  /** Ours first. */
  readonly loads: readonly Load[];
  /** 99th percentile of `/healthz` under load, ms. */
  readonly health: number;
  readonly interactive: Interactive;
  /** Seconds until it was ready after a kill, with a thousand jobs in its queue. */
  readonly restart: number;
  readonly memory: number;
}

type Goal = readonly [what: string, goal: string, measured: string, met: boolean];

/** Least ratio of requests a second against each server, by name. */
const LEAST = new Map([
  ['whisper.cpp server', 4],
  ['faster-whisper behind FastAPI', 3.5],
]);

function goals({ engine, loads, health, interactive, memory, restart }: ServiceResults): readonly Goal[] {
  const [ours, ...others] = loads;
  if (ours === undefined) return [];
  const share = ours.requestsASecond / engine;
  const against = others.flatMap((other): readonly Goal[] => {
    const ratio = ours.requestsASecond / other.requestsASecond;
    const least = LEAST.get(other.name) ?? 1;
    return [
      [`requests a second against ${other.name}`, `≥ ${least}×`, `${ratio.toFixed(2)}×`, ratio >= least],
      [
        `95 % answered, against ${other.name}`,
        'sooner',
        `${ours.p95.toFixed(2)} s, ${other.p95.toFixed(2)} s`,
        ours.p95 < other.p95,
      ],
    ];
  });
  const slower = interactive.busy / interactive.idle;
  return [
    ['over HTTP against the engine alone, 8 clients', '≥ 0.95', share.toFixed(2), share >= 0.95],
    ...against,
    [
      'a 5 s file while a job of an hour runs, 95 % answered, against an idle server',
      '≤ 1.5×',
      `${slower.toFixed(2)}× (${interactive.idle.toFixed(2)} s, ${interactive.busy.toFixed(2)} s${interactive.jobRan ? '' : '; the job had ended'})`,
      slower <= 1.5 && interactive.jobRan,
    ],
    ['`/healthz` while both cores transcribe, 99 %', '≤ 20 ms', `${health.toFixed(1)} ms`, health <= 20],
    ['ready after `kill -9` with 1,000 queued jobs', '≤ 5 s', `${restart.toFixed(1)} s`, restart <= 5],
    ['memory after 2,000 requests against after 200', '≤ 1.1×', `${memory.toFixed(2)}×`, memory <= 1.1],
  ];
}

export function servicePage(results: ServiceResults, date: Date): string {
  const rows = goals(results).map(
    ([what, goal, measured, met]) => `| ${what} | ${goal} | ${measured} | ${met ? 'yes' : 'no'} |`,
  );
  const loads = results.loads.map(
    ({ name, requestsASecond, p95 }) => `| ${name} | ${requestsASecond.toFixed(2)} | ${p95.toFixed(2)} |`,
  );
  return `# Benchmarks of the service

Written by \`npm run bench:service\`; do not edit. ${results.recordings} files of 2 to 15 s (${results.seconds} s of speech in all), greedy, the same
weights (Whisper tiny.en) and ${results.threads} threads for every server, 8 clients, one run.

| | |
|---|---|
| date | ${date.toISOString().slice(0, 10)} |
| machine | ${results.machine} |
| the machine alone | ${results.slowdowns} |

## Goals

| what | goal | measured | met |
|---|---|---|---|
${rows.join('\n')}

## Throughput

| server | requests a second | 95 % answered within, s |
|---|---|---|
| our engine alone, 8 at a time | ${results.engine.toFixed(2)} | – |
| our engine alone, everything at once | ${results.whole.toFixed(2)} | – |
${loads.join('\n')}
`;
}
