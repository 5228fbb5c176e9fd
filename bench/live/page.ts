import type { DecoderSteps } from './decoder-steps.ts';
import type { GatewayCost } from './gateway-cost.ts';
import type { PeerResult } from './peer.ts';
import type { Measured } from './measure.ts';

export interface LiveResults {
  /** One session, half of all, all. */
  readonly runs: readonly Measured[];
  /** Twice as many as all, who come over half of the time. */
  readonly overload: Measured;
  readonly cost: GatewayCost;
  readonly peer: PeerResult;
  /** Of all partials of the runs. */
  readonly steps: DecoderSteps;
  readonly seconds: number;
  readonly share: number;
  readonly machine: string;
  /** How steadily that runs. */
  readonly slowdowns: string;
  readonly version: string;
  readonly date: Date;
}

const points = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(2)} points`;
const ms = (value: number): string => `${Math.round(value)} ms`;

/** The page that `docs/` keeps. */
export function livePage({
  runs,
  overload,
  cost,
  peer,
  steps,
  seconds,
  share,
  machine,
  slowdowns,
  version,
  date,
}: LiveResults): string {
  const [one, half, all] = runs;
  if (one === undefined || half === undefined || all === undefined) throw new Error('three runs make a page');
  const goals: readonly (readonly [what: string, goal: string, measured: string, met: boolean])[] = [
    [`${all.sessions} sessions: final after the end of speech, 95 %`, '≤ 1 s', ms(all.final95), all.final95 <= 1000],
    [`${all.sessions} sessions: time between two texts, 95 %`, '≤ 1 s', ms(all.gap95), all.gap95 <= 1000],
    [
      `${half.sessions} sessions: first text after the start of speech, 95 %`,
      '≤ 0.7 s',
      ms(half.first95),
      half.first95 <= 700,
    ],
    [
      'final at full load against one session, 95 %',
      '≤ 1.5×',
      `${(all.final95 / one.final95).toFixed(2)}×`,
      all.final95 <= 1.5 * one.final95,
    ],
    [
      `${all.sessions} sessions: word errors against the same clips as files`,
      '≤ +0.5 points',
      points(all.wordErrors - all.batchErrors),
      all.wordErrors - all.batchErrors <= 0.005,
    ],
    [
      'settled words taken back',
      '0',
      String(runs.reduce((sum, run) => sum + run.takenBack, 0)),
      runs.every((run) => run.takenBack === 0),
    ],
    [
      'decoder steps of partials: settled words forced against decoded anew',
      '≤ 0.4×',
      `${(steps.forced / steps.anew).toFixed(2)}× (${steps.forced} of ${steps.anew})`,
      steps.forced <= 0.4 * steps.anew,
    ],
    [
      `${half.sessions} sessions: a word settled after its end, median and 95 %`,
      '≤ 0.8 s, ≤ 2.5 s',
      `${ms(half.settled50)}, ${ms(half.settled95)}`,
      half.settled50 <= 800 && half.settled95 <= 2500,
    ],
    [
      `${overload.sessions} sessions asked for: final of those that were let in (${overload.sessions - overload.refused}) against ${all.sessions}, 95 %`,
      '≤ 1.3×',
      `${(overload.final95 / all.final95).toFixed(2)}×`,
      overload.final95 <= 1.3 * all.final95,
    ],
    [
      'one session, the same sound: a word settled after its end, median, against the policy of whisper_streaming over faster-whisper',
      '≤ 0.5×, no more word errors',
      `${(one.settled50 / peer.settled50).toFixed(2)}× (${ms(one.settled50)} and ${ms(peer.settled50)}; 95 % ${ms(one.settled95)} and ${ms(peer.settled95)}; WER ${(one.wordErrors * 100).toFixed(2)} and ${(peer.wordErrors * 100).toFixed(2)} %)`,
      one.settled50 <= 0.5 * peer.settled50 && one.wordErrors <= peer.wordErrors,
    ],
    [
      `sessions a core of a gateway whose engine only pretends, against a bare \`ws\` server that counts the same bytes (${cost.sessions} sessions)`,
      '≥ 0.7',
      `${(cost.countingMs / cost.oursMs).toFixed(2)} (${cost.countingMs.toFixed(2)} and ${cost.oursMs.toFixed(2)} ms of CPU a second)`,
      cost.countingMs / cost.oursMs >= 0.7,
    ],
  ];
  const rows = [...runs, overload].map(
    (run) =>
      `| ${run.sessions} | ${run.refused} | ${run.finals} | ${ms(run.final50)} | ${ms(run.final95)} | ${ms(run.first95)} | ${ms(run.gap95)} | ${ms(run.settled50)} | ${ms(run.settled95)} | ${(run.wordErrors * 100).toFixed(2)} % | ${(run.batchErrors * 100).toFixed(2)} % | ${ms(run.slip)} |`,
  );
  return `# Benchmarks of live sessions

Written by \`npm run bench:live\`; do not edit. Real recordings, spoken in real time from a process of their own into
\`/v1/live\` of the built server with the built-in model: at least ${seconds} s a session, somebody speaks ${Math.round(share * 100)} % of the time.
Times are those of the client.

| | |
|---|---|
| date | ${date.toISOString().slice(0, 10)} |
| version | ${version} |
| machine | ${machine} |
| the machine alone | ${slowdowns} |

## Goals

| what | goal | measured | met |
|---|---|---|---|
${goals.map(([what, goal, value, met]) => `| ${what} | ${goal} | ${value} | ${met ? 'yes' : 'no'} |`).join('\n')}

## Runs

| sessions | refused | finals | final, median | final, 95 % | first text, 95 % | between texts, 95 % | settled, median | settled, 95 % | WER | as files | sent late, at most |
|---|---|---|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}
