/** The page that the bench writes. */
import type { Outcome } from '../measure/rounds.ts';
import { median } from '../measure/statistics.ts';
import { errorRate } from '../score/word-errors.ts';
import { goals, percent, times } from './goals.ts';
import type { Results, Setting } from './results.ts';
import { errorsOf, find, medianCpu, medianWall, OURS, ratio, wordsFromSilence } from './results.ts';

/** Above this many cores of others' work the times say little. */
export const QUIET_LOAD = 0.2;

type Row = readonly string[];

function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

const entriesOf = (outcomes: readonly Outcome[]): readonly string[] => [...new Set(outcomes.map(({ entry }) => entry))];

function wordsTable(results: Results): string {
  const cell = (setting: Setting, entry: string): string => {
    const errors = errorsOf(results, setting, entry);
    if (errors === undefined) return '–';
    return `${percent(errorRate(errors))} (${errors.substituted} / ${errors.deleted} / ${errors.inserted})`;
  };
  const rows = entriesOf(results.outcomes).map((entry) => {
    const silent = wordsFromSilence(results, entry);
    return [entry, cell('greedy', entry), cell('default', entry), silent?.join(', ') ?? '–'];
  });
  return table(['system', 'greedy', 'default (beam 5)', 'words on clips without speech'], rows);
}

function speedTable(results: Results, cell: string): string {
  const outcomes = results.outcomes.filter((outcome) => outcome.cell === cell && outcome.timings.length > 0);
  const seconds = (
    cell.startsWith('short')
      ? results.clips.short
      : cell.startsWith('long')
        ? results.clips.long
        : results.clips.nonSpeech
  ).reduce((sum, clip) => sum + clip.seconds, 0);
  const ours = find(results, cell, OURS);
  const rows = outcomes.map((outcome) => {
    const found = outcome === ours ? undefined : ratio(ours, outcome);
    return [
      outcome.entry,
      medianWall(outcome).toFixed(2),
      medianCpu(outcome).toFixed(2),
      `${(seconds / medianWall(outcome)).toFixed(1)}×`,
      found === undefined ? '1' : times(found),
      String(outcome.timings.length),
    ];
  });
  return `### ${cell} (${seconds.toFixed(0)} s of audio)\n\n${table(
    ['system', 'wall s', 'CPU s', 'speed over real time', 'time over ours, one by one', 'rounds'],
    rows,
  )}`;
}

function wholeProcessSection(results: Results): string {
  if (results.wholeProcess.length === 0) return 'Not measured in this run.';
  return table(
    ['command', 'median s', 'fastest s', 'printed'],
    results.wholeProcess.map(({ name, wall, printed }) => [
      `\`${name}\``,
      median(wall).toFixed(3),
      Math.min(...wall).toFixed(3),
      printed.replaceAll(/\s+/g, ' '),
    ]),
  );
}

/** Every place where a peer does better, and every goal that is missed, in words. */
function losses(results: Results): readonly string[] {
  const lines: string[] = [];
  const ours = { greedy: errorsOf(results, 'greedy', OURS), default: errorsOf(results, 'default', OURS) };
  for (const { cell, entry, ...outcome } of results.outcomes) {
    if (entry.startsWith(OURS)) continue;
    const found = ratio(find(results, cell, OURS), { cell, entry, ...outcome });
    if (found !== undefined && found.median < 1) lines.push(`${entry} is faster on ${cell}: ${times(found)} our time.`);
  }
  for (const setting of ['greedy', 'default'] as const) {
    for (const entry of entriesOf(results.outcomes).filter((name) => !name.startsWith(OURS))) {
      const [mine, theirs] = [ours[setting], errorsOf(results, setting, entry)];
      if (mine !== undefined && theirs !== undefined && errorRate(theirs) < errorRate(mine)) {
        lines.push(
          `${entry} makes fewer errors, ${setting}: ${percent(errorRate(theirs))} against our ${percent(errorRate(mine))}.`,
        );
      }
    }
  }
  for (const { what, goal, measured, met } of goals(results)) {
    if (met === 'no') lines.push(`Goal missed: ${what}: ${measured}, wanted ${goal}.`);
  }
  return lines;
}

/** The whole page. */
export function markdown(results: Results): string {
  const lost = losses(results);
  const busy =
    results.otherLoad > QUIET_LOAD
      ? `\n**The machine was not quiet: other work took up to ${results.otherLoad.toFixed(2)} cores in a round. Times are unreliable.**\n`
      : '';
  const unsteady = results.outcomes.filter(({ steady }) => !steady).map(({ cell, entry }) => `${entry} (${cell})`);
  const cells = [...new Set(results.outcomes.filter(({ timings }) => timings.length > 0).map(({ cell }) => cell))];
  return `# Benchmarks

Written by \`npm run bench\`; do not edit. All systems run on the same machine in the same run, with the same weights (Whisper tiny.en), the same
samples and ${results.threads} threads each.
${busy}
${table(
  ['', ''],
  [
    ['command', `\`${results.command}\``],
    ['date', results.date],
    ['machine', results.machine],
    ['others’ load', `${results.otherLoad.toFixed(2)} cores in the worst round`],
    ...Object.entries(results.versions).map(([side, versions]) => [
      side,
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version.replaceAll('|', '·')}`)
        .join(', '),
    ]),
  ],
)}

## Goals

${table(
  ['what', 'goal', 'measured', 'met'],
  goals(results).map(({ what, goal, measured, met }) => [what, goal, measured, met]),
)}

## What we lose at

${lost.length === 0 ? 'Nothing that this run measured.' : lost.map((line) => `- ${line}`).join('\n')}

## Words

Word error rate over all English clips with a reference (substituted / deleted / inserted words), and words written for each clip where
nobody speaks.

${wordsTable(results)}
${unsteady.length === 0 ? '\nEvery round gave the same words.' : `\nNot every round gave the same words: ${unsteady.join(', ')}.`}

## Speed

${cells.map((cell) => speedTable(results, cell)).join('\n\n')}

## Whole process

From start to exit over the 11 s clip, model and caches read before, beam 5 both.

${wholeProcessSection(results)}

## How it is measured

- Each system is a process that has loaded its model and transcribed one clip before the clock starts. Files are decoded to samples
  once, for all, before; so reading and decoding files is in no row but "whole process" and "peak memory".
- Every round runs all systems in turn, forwards and backwards by turns; times are medians over rounds. A ratio is the median of the
  ratios of each round, with the interval that 95 % of resampled medians fall in. No round is dropped.
- "one by one" hands over a clip when the one before is done, as the peers get them. "all files at once" hands over all at the start, as
  \`--jobs\` does with many files. Word times are not asked of anybody, but in the row about them.
- CPU is user and system time of all processes of a system. faster-whisper computes in int8; whisper.cpp is built from source for this
  machine and reads the same q8_0 file as we do. Beam 5 is the default of all three; the peers' other options are their defaults.
- Text is compared in lower case, without punctuation, with numbers as digits and contractions in full (\`bench/score/\`).
`;
}
