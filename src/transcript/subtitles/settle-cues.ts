import type { Cue } from './cue.ts';

/** A cue whose times may be anything a decoder came up with: fractions, negative, inverted, not a number. */
export interface RawCue {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/**
 * Rounds times once to whole milliseconds and makes them what every player takes: starts never go back, no cue reaches
 * into the next, each is at least 1 ms long. Cues without text are dropped; order is kept.
 */
export function settleCues(raw: readonly RawCue[]): Cue[] {
  const cues: Cue[] = [];
  let floor = 0;
  for (const cue of raw) {
    const lines = cue.lines.filter((line) => line !== '');
    if (lines.length === 0) continue;
    const start = Math.max(floor, wholeMs(cue.start));
    const end = Math.max(start + 1, wholeMs(cue.end));
    const before = cues.at(-1);
    // A cue pushed on by a zero-length one before it: the earlier end gives way as long as it keeps its millisecond.
    if (before !== undefined && before.end > start) cues[cues.length - 1] = { ...before, end: start };
    cues.push({ start, end, lines });
    floor = start + 1;
  }
  return cues;
}

const wholeMs = (time: number): number => (Number.isFinite(time) ? Math.max(0, Math.round(time)) : 0);
