import type { Atom } from './atoms.ts';
import { lineBreaksBefore, measure, stretchColumns, stretchText, type Measured } from './break-lines.ts';
import type { SubtitleLimits } from './cue.ts';

/** Speech set on lines, with the times of its first and last word. */
export interface SpokenCue {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
  readonly columns: number;
}

/** Nobody reads on through a longer silence: a cue never spans one. */
const LONGEST_PAUSE_INSIDE_MS = 1500;
/** Points. Each cue costs, so that words stay together; so does a sentence end that is not the end of its cue. */
const CUE_COST = 22;
const SENTENCE_INSIDE_COST = 9;
/** For each 100 ms of pause inside a cue, each 100 ms that a cue is too short, each column a second too many. */
const PAUSE_COST = 2;
const SHORT_COST = 5;
const HASTE_COST = 2;
/** Pauses shorter than this are breath. */
const BREATH_MS = 200;
/** More atoms than this never share a cue (lines hold fewer words; scripts with one-column words fewer cues). */
const MOST_ATOMS = 96;

interface Step {
  readonly cost: number;
  readonly from: number;
  /** Where its lines start, behind the first. */
  readonly breaks: readonly number[];
}

/** Cuts atoms into cues at least cost: the shortest path over all cuts whose cue fits the limits. Linear in the atoms. */
export function cutCues(atoms: readonly Atom[], limits: SubtitleLimits): SpokenCue[] {
  const text = measure(atoms);
  const best: (Step | undefined)[] = [undefined];
  for (let to = 1; to <= atoms.length; to++) best.push(bestStep(text, to, best, limits));
  const cues: SpokenCue[] = [];
  for (let to = atoms.length; to > 0;) {
    const step = best[to];
    if (step === undefined) break;
    cues.push(spokenCue(text, step, to));
    to = step.from;
  }
  return cues.reverse();
}

function bestStep(text: Measured, to: number, best: readonly (Step | undefined)[], limits: SubtitleLimits): Step {
  const breaks = lineBreaksBefore(text, to, limits.maxLineWidth, limits.maxLineCount, MOST_ATOMS);
  const last = text.atoms[to - 1];
  let chosen: Step = { cost: Infinity, from: to - 1, breaks: [] };
  let inside = 0;
  for (let from = to - 1; from > to - breaks.length; from--) {
    const [first, second, broken] = [text.atoms[from], text.atoms[from + 1], breaks[to - from]];
    if (first === undefined || last === undefined || broken === undefined) break;
    if (from < to - 1 && second !== undefined) {
      const pause = second.start - first.end;
      if (pause > LONGEST_PAUSE_INSIDE_MS || last.end - first.start > limits.maxMs) break;
      inside +=
        (PAUSE_COST * Math.max(0, pause - BREATH_MS)) / 100 + (first.breakCost === 0 ? SENTENCE_INSIDE_COST : 0);
    }
    const own = CUE_COST + inside + broken.cost + last.breakCost + paceCost(text, from, to, limits);
    const cost = (best[from]?.cost ?? 0) + own;
    if (cost < chosen.cost) chosen = { cost, from, breaks: broken.breaks };
  }
  return chosen;
}

/** What it costs that the time until the next word is short for reading this. */
function paceCost(text: Measured, from: number, to: number, limits: SubtitleLimits): number {
  const [first, last, next] = [text.atoms[from], text.atoms[to - 1], text.atoms[to]];
  if (first === undefined || last === undefined) return 0;
  const shown = Math.max(1, (next?.start ?? last.end + limits.minMs) - first.start);
  const pace = stretchColumns(text, from, to) / (Math.min(shown, limits.maxMs) / 1000);
  const haste = Math.min(Math.max(0, pace - limits.maxColumnsPerSecond), limits.maxColumnsPerSecond);
  return (SHORT_COST * Math.max(0, limits.minMs - shown)) / 100 + HASTE_COST * haste;
}

function spokenCue(text: Measured, { from, breaks }: Step, to: number): SpokenCue {
  const starts = [from, ...breaks];
  return {
    start: text.atoms[from]?.start ?? 0,
    end: text.atoms[to - 1]?.end ?? 0,
    lines: starts.map((start, i) => stretchText(text, start, starts[i + 1] ?? to)),
    columns: stretchColumns(text, from, to),
  };
}
