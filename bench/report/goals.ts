/** What the product wants to reach, each held against what the run measured. */
import type { Estimate } from '../measure/statistics.ts';
import { median, quantile } from '../measure/statistics.ts';
import { errorRate } from '../score/word-errors.ts';
import type { Results, Setting } from './results.ts';
import {
  BATCHED,
  errorsOf,
  FASTER_WHISPER,
  find,
  OURS,
  OURS_F32,
  OURS_TOGETHER,
  ratio,
  WHISPER_CPP,
  wordsFromSilence,
} from './results.ts';

export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly met: 'yes' | 'no' | 'not measured';
}

const verdict = (met: boolean): Goal['met'] => (met ? 'yes' : 'no');

export const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
export const times = ({ median: middle, low, high }: Estimate): string =>
  `${middle.toFixed(2)}× (${low.toFixed(2)} to ${high.toFixed(2)})`;

function unmeasured(what: string, goal: string): Goal {
  return { what, goal, measured: '–', met: 'not measured' };
}

function accuracy(results: Results, setting: Setting, limit: number): Goal {
  const what = `word error rate, all clips, ${setting}`;
  const goal = `≤ ${percent(limit)}`;
  const errors = errorsOf(results, setting, OURS);
  if (errors === undefined) return unmeasured(what, goal);
  const rate = errorRate(errors);
  return { what, goal, measured: percent(rate), met: verdict(rate <= limit) };
}

function costOfInt8(results: Results, setting: Setting): Goal {
  const what = `cost of int8 against f32 in word error rate, ${setting}`;
  const goal = '≤ +0.30 points';
  const [int8, f32] = [errorsOf(results, setting, OURS), errorsOf(results, setting, OURS_F32)];
  if (int8 === undefined || f32 === undefined) return unmeasured(what, goal);
  const points = (errorRate(int8) - errorRate(f32)) * 100;
  return {
    what,
    goal,
    measured: `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)} points`,
    met: verdict(points <= 0.3),
  };
}

function silence(results: Results): Goal {
  const what = `words on the ${results.clips.nonSpeech.length} clips without speech, and segments decoded for them`;
  const goal = '0 and 0';
  const counts = wordsFromSilence(results, OURS);
  if (counts === undefined || counts.length === 0) return unmeasured(what, goal);
  const words = counts.reduce((sum, count) => sum + count, 0);
  const measured = `${words} and ${results.nonSpeechSegments}`;
  return { what, goal, measured, met: verdict(words === 0 && results.nonSpeechSegments === 0) };
}

/** One row for files handed over one by one, as the peers get them, and one for all at once. */
function speed(results: Results, cell: string, peer: string, least: number): readonly Goal[] {
  return [OURS, OURS_TOGETHER].map((entry): Goal => {
    const how = entry === OURS ? 'one by one' : 'all at once';
    const what = `speed, ${cell}, ${how}, against ${peer}`;
    const goal = `≥ ${least}×`;
    const found = ratio(find(results, cell, entry), find(results, cell, peer));
    if (found === undefined) return unmeasured(what, goal);
    return { what, goal, measured: times(found), met: verdict(found.median >= least) };
  });
}

function wholeProcess(results: Results): Goal {
  const what = 'whole process, 11 s clip, warm cache, against whisper-cli';
  const goal = '≤ 1.00× its time';
  const [ours, theirs] = results.wholeProcess;
  if (ours === undefined || theirs === undefined) return unmeasured(what, goal);
  const share = median(ours.wall.map((wall, round) => wall / (theirs.wall[round] ?? Number.NaN)));
  return { what, goal, measured: `${share.toFixed(2)}×`, met: verdict(share <= 1) };
}

function wordTimes(results: Results): Goal {
  const what = "words' start times against faster-whisper f32, words both have";
  const goal = 'median ≤ 60 ms, 90 % within 200 ms';
  if (results.wordDistances === undefined || results.wordDistances.length === 0) return unmeasured(what, goal);
  const [middle, most] = [median(results.wordDistances) * 1000, quantile(results.wordDistances, 0.9) * 1000];
  const measured = `median ${middle.toFixed(0)} ms, 90 % within ${most.toFixed(0)} ms (${results.wordDistances.length} words)`;
  return { what, goal, measured, met: verdict(middle <= 60 && most <= 200) };
}

function memory(results: Results): Goal {
  const what = 'peak memory, 4 h file against 10 min file';
  const goal = '≤ 1.10×';
  if (results.memory === undefined) return unmeasured(what, goal);
  const [short, long] = results.memory;
  const share = long.peakBytes / short.peakBytes;
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
  const measured = `${share.toFixed(2)}× (${mebibytes(long.peakBytes)} against ${mebibytes(short.peakBytes)})`;
  return { what, goal, measured, met: verdict(share <= 1.1) };
}

/** All goals, in the order of the table. */
export function goals(results: Results): readonly Goal[] {
  return [
    accuracy(results, 'default', 0.075),
    accuracy(results, 'greedy', 0.082),
    costOfInt8(results, 'default'),
    costOfInt8(results, 'greedy'),
    silence(results),
    ...speed(results, 'short greedy', FASTER_WHISPER, 3.5),
    ...speed(results, 'short greedy', WHISPER_CPP, 4),
    ...speed(results, 'short default', FASTER_WHISPER, 5),
    ...speed(results, 'short default', WHISPER_CPP, 6),
    ...speed(results, 'long greedy', BATCHED, 2.5),
    ...speed(results, 'long default', FASTER_WHISPER, 5),
    ...speed(results, 'long default', WHISPER_CPP, 5),
    wholeProcess(results),
    wordTimes(results),
    memory(results),
  ];
}
