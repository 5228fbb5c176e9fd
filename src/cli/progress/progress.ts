import type { Progress } from '../../app/index.ts';

/** What is told while recordings are worked on. Every call is cheap and none fails. */
export interface ProgressView {
  start(index: number): void;
  update(index: number, progress: Progress): void;
  /** The recording is done with, one way or the other; `line` is what stays to be read (`''` for nothing). */
  finish(index: number, line: string): void;
  /** Text for the person, put where it does not disturb the view. */
  say(line: string): void;
  /** Does something that writes on the same terminal, out of the way of the view. */
  aside(work: () => Promise<void>): Promise<void>;
  /** Resolves when all of it is written; nothing is shown any more. */
  close(): Promise<void>;
}

/** How far and how fast one recording is. */
export interface Pace {
  /** Of the recording, in [0, 1]; undefined while its length is unknown. */
  readonly share: number | undefined;
  readonly doneMs: number;
  readonly totalMs: number | undefined;
  /** Seconds of recording a second; 0 until there is something to tell. */
  readonly speed: number;
  readonly leftMs: number | undefined;
}

/** Before this much has passed a speed says nothing. */
const LEAST_ELAPSED_MS = 300;

/** @param elapsed since the recording was started. */
export function paceOf(progress: Progress, elapsed: number): Pace {
  const { transcribedMs: doneMs, totalMs } = progress;
  const speed = elapsed < LEAST_ELAPSED_MS ? 0 : doneMs / elapsed;
  return {
    share: totalMs === undefined || totalMs <= 0 ? undefined : Math.min(1, doneMs / totalMs),
    doneMs,
    totalMs,
    speed,
    leftMs: totalMs === undefined || speed === 0 ? undefined : Math.max(0, totalMs - doneMs) / speed,
  };
}
