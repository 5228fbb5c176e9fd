import type { DecodeOptions, RetryReason } from '../../../core/index.ts';
import { compressionRatio, endsEarly } from './guards.ts';

/** One way of decoding a segment: how much of the encoder's window it gets, and how boldly it draws. */
export interface Attempt {
  /** Encoder positions, of 20 ms. */
  readonly positions: number;
  readonly temperature: number;
}

export interface WindowRules {
  /** Silence after the segment, in seconds: without it real weights loop or stop early (`docs/architecture.md`). */
  readonly tailSeconds: number;
  /** By how much a window is widened after a guard failed, in seconds. */
  readonly widenSeconds: number;
  /** No window is shorter, in seconds. */
  readonly leastSeconds: number;
}

export const DEFAULT_WINDOW: WindowRules = { tailSeconds: 2, widenSeconds: 5, leastSeconds: 8 };

/** Encoder positions a second. */
export const POSITIONS_A_SECOND = 50;

/**
 * What is tried in turn until the guards hold: the shortest window first, then a wider one and the whole, then the whole at
 * higher temperatures.
 */
export function planAttempts(
  seconds: number,
  temperatures: readonly number[],
  audioContext: number,
  rules: WindowRules = DEFAULT_WINDOW,
): Attempt[] {
  const fit = (length: number): number => Math.min(audioContext, Math.ceil(length * POSITIONS_A_SECOND));
  const need = fit(Math.max(rules.leastSeconds, seconds + rules.tailSeconds));
  const first = temperatures[0] ?? 0;
  const widths = [need, fit(need / POSITIONS_A_SECOND + rules.widenSeconds), audioContext];
  const attempts = [...new Set(widths)].map((positions) => ({ positions, temperature: first }));
  return [...attempts, ...temperatures.slice(1).map((temperature) => ({ positions: audioContext, temperature }))];
}

export interface Draft {
  readonly text: string;
  readonly looped: boolean;
  /** Whether a long phrase is said twice in a row, or all of it is one phrase said again. */
  readonly echoes: boolean;
  readonly avgLogprob: number;
  readonly noSpeechProbability: number;
}

export interface Verdict {
  /** Why to try again; undefined when the draft holds. */
  readonly retry: RetryReason | undefined;
  /** Whether nobody speaks after all. */
  readonly silent: boolean;
  readonly compressionRatio: number;
}

/** Judges a draft by the guards, in the order of what they cost when missed. */
export function judge(draft: Draft, speechSeconds: number, options: DecodeOptions): Verdict {
  const ratio = compressionRatio(draft.text);
  const improbable = draft.avgLogprob < options.logprobThreshold;
  const silent = improbable && draft.noSpeechProbability > options.noSpeechThreshold;
  const verdict = (retry: RetryReason | undefined): Verdict => ({ retry, silent, compressionRatio: ratio });
  if (silent) return verdict(undefined);
  if (draft.looped) return verdict('loop');
  if (endsEarly(draft.text, speechSeconds)) return verdict('early-end');
  if (ratio > options.compressionRatioThreshold || draft.echoes) return verdict('repetition');
  return verdict(improbable ? 'low-probability' : undefined);
}
