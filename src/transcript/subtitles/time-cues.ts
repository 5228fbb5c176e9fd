import type { SpokenCue } from './cut-cues.ts';
import type { SubtitleLimits } from './cue.ts';
import type { RawCue } from './settle-cues.ts';

/** A silence shorter than this between two cues is closed: a blink of an empty screen disturbs (Netflix: half a second). */
const CLOSE_GAP_MS = 500;

/**
 * How long each cue stands: from its first word until its last, then on until it can be read, but never into the next
 * cue and never longer than `maxMs`; short silences before the next are closed but for `gapMs`.
 */
export function timeCues(cues: readonly SpokenCue[], limits: SubtitleLimits): RawCue[] {
  return cues.map((cue, i) => {
    const next = cues[i + 1]?.start ?? Infinity;
    const readable = Math.max(limits.minMs, (cue.columns / limits.maxColumnsPerSecond) * 1000);
    const wanted = Math.min(Math.max(cue.end, cue.start + readable), cue.start + limits.maxMs);
    const apart = next - limits.gapMs;
    const open = next - wanted < CLOSE_GAP_MS && apart - cue.start >= limits.minMs ? apart : wanted;
    return { start: cue.start, end: Math.min(open, next, cue.start + limits.maxMs), lines: cue.lines };
  });
}
