import type { Millis, Samples } from '../core/index.ts';
import { SAMPLE_RATE, millis } from '../core/index.ts';
import type { Progress } from './app.ts';

/** Where a stretch of a channel stands. */
export interface Stretch {
  readonly start: Samples;
  readonly pcm: { readonly length: number };
}

export interface ProgressTracker {
  /** So many more samples of every channel were decoded. */
  decoded(count: number): void;
  /** A segment that is still at work is done to this share, in [0, 1]; a smaller one than before is not heard. */
  working(channel: number, segment: Stretch, share: number): void;
  /** All of a channel up to here is done with. */
  transcribed(channel: number, until: Samples): void;
  /** Everything is. */
  finish(): void;
}

/**
 * How far all channels of a recording are; the slowest counts. A channel is as far as what is done with from its start, and
 * the shares of the segments at work behind that. None of the numbers ever falls.
 *
 * @param promised samples a channel that the recording's head promises, where it does.
 */
export function trackProgress(
  channels: number,
  promised: Samples | undefined,
  tell: (progress: Progress) => void,
): ProgressTracker {
  const settled = new Float64Array(channels);
  const atWork = Array.from({ length: channels }, () => new Map<Samples, number>());
  let decoded = 0;
  let transcribed = 0;

  function report(ended: boolean): void {
    const reached = atWork.map((parts, channel) => (settled[channel] ?? 0) + sum(parts.values()));
    transcribed = Math.max(transcribed, Math.min(decoded, ...reached));
    const length = ended ? decoded : promised;
    const total = length === undefined ? {} : { totalMs: toMillis(Math.max(decoded, length)) };
    tell({ decodedMs: toMillis(decoded), transcribedMs: toMillis(transcribed), ...total });
  }

  return {
    decoded(count) {
      decoded += count;
      report(false);
    },
    working(channel, { start, pcm }, share) {
      const parts = atWork[channel];
      const done = share * pcm.length;
      if (parts === undefined || start < (settled[channel] ?? 0) || done <= (parts.get(start) ?? 0)) return;
      parts.set(start, done);
      report(false);
    },
    transcribed(channel, until) {
      settled[channel] = Math.max(settled[channel] ?? 0, until);
      const parts = atWork[channel];
      for (const start of parts?.keys() ?? []) if (start < until) parts?.delete(start);
      report(false);
    },
    finish: () => report(true),
  };
}

/** A count of samples may be a share of one here. */
const toMillis = (count: number): Millis => millis((count * 1000) / SAMPLE_RATE);

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
