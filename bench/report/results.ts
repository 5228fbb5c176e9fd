/** Everything one run of the bench has found, and the questions that tables ask of it. */
import type { Clip, Clips } from '../clips.ts';
import type { MemoryUse } from '../measure/memory.ts';
import type { Outcome } from '../measure/rounds.ts';
import type { Estimate } from '../measure/statistics.ts';
import { estimate, median } from '../measure/statistics.ts';
import type { CommandTimes } from '../measure/whole-process.ts';
import type { WordErrors } from '../score/word-errors.ts';
import { sumErrors, wordErrors } from '../score/word-errors.ts';

export interface Results {
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly threads: number;
  readonly rounds: number;
  /** Cores that others kept busy in the worst round. */
  readonly otherLoad: number;
  readonly clips: Clips;
  readonly outcomes: readonly Outcome[];
  /** Segments that the engine was given for the clips without speech. */
  readonly nonSpeechSegments: number;
  readonly wholeProcess: readonly CommandTimes[];
  /** Seconds between the starts of words that ours and the other system both have; undefined when none was given. */
  readonly wordDistances: readonly number[] | undefined;
  readonly memory: readonly [short: MemoryUse, long: MemoryUse] | undefined;
}

/** The product's entries; the others are called after what they run. */
export const OURS = 'scriptorium';
export const OURS_TOGETHER = 'scriptorium, all files at once';
export const OURS_F32 = 'scriptorium, f32 weights';
export const FASTER_WHISPER = 'faster-whisper';
export const BATCHED = 'faster-whisper, batch 8';
export const WHISPER_CPP = 'whisper.cpp';

export type Setting = 'greedy' | 'default';

export function find(results: Results, cell: string, entry: string): Outcome | undefined {
  return results.outcomes.find((outcome) => outcome.cell === cell && outcome.entry === entry);
}

function errorsOver(clips: readonly Clip[], outcome: Outcome | undefined): WordErrors | undefined {
  return outcome && sumErrors(clips.map(({ reference }, index) => wordErrors(reference, outcome.texts[index] ?? '')));
}

/** Errors over all clips with speech; undefined where some were not transcribed. */
export function errorsOf(results: Results, setting: Setting, entry: string): WordErrors | undefined {
  const parts = [
    errorsOver(results.clips.short, find(results, `short ${setting}`, entry)),
    ...(results.clips.long.length > 0 ? [errorsOver(results.clips.long, find(results, `long ${setting}`, entry))] : []),
  ];
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length ? sumErrors(known) : undefined;
}

/** Words written for each clip without speech. */
export function wordsFromSilence(results: Results, entry: string): readonly number[] | undefined {
  const outcome = find(results, 'non-speech default', entry);
  return outcome && results.clips.nonSpeech.map((_clip, index) => wordErrors('', outcome.texts[index] ?? '').inserted);
}

/** How many times as long `slow` takes as `fast`, round by round; undefined where one was not measured. */
export function ratio(fast: Outcome | undefined, slow: Outcome | undefined): Estimate | undefined {
  if (fast === undefined || slow === undefined) return undefined;
  const ratios = fast.timings.flatMap(({ wall }, round) => {
    const other = slow.timings[round];
    return other === undefined ? [] : [other.wall / wall];
  });
  return ratios.length === 0 ? undefined : estimate(ratios);
}

export function medianWall(outcome: Outcome): number {
  return median(outcome.timings.map(({ wall }) => wall));
}

export function medianCpu(outcome: Outcome): number {
  return median(outcome.timings.map(({ cpu }) => cpu));
}
