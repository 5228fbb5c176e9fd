import type { LoadStep, Millis } from '../../core/index.ts';
import { millis } from '../../core/index.ts';

/** How long live work takes now; what is cut back follows from it. */
export interface LiveLoad {
  /** From the put of a final to its event. */
  sawFinal(took: Millis): void;
  /** From the put of a partial to its event. */
  sawPartial(took: Millis): void;
  step(): LoadStep;
  /** Whether a new session would make those that are there too slow. */
  isFull(): boolean;
  /** Nobody speaks any more: what was measured says nothing of those who come. */
  forget(): void;
}

/**
 * The ladder, climbed where work takes longer than so many milliseconds and left where it takes half of that again:
 *
 * ```
 * normal ──partials > 350──▶ partials-slow ──finals > 1500──▶ partials-none ──finals > 2000──▶ no new sessions
 * ```
 *
 * From `partials-slow` on no bolder texts are drawn for a final that fails a guard; from `partials-none` on finals are decoded
 * greedily: before that, their words are worth the time.
 */
const SLOW_PARTIAL_MS = 350;
const SLOW_FINAL_MS = 1500;
const FULL_FINAL_MS = 2000;
const RELIEF = 0.5;
/** Weight of the newest: about the last eight count. */
const WEIGHT = 0.12;

export function liveLoad(): LiveLoad {
  let final = 0;
  let partial = 0;
  let step: LoadStep = 'normal';
  let full = false;

  const isOver = (value: number, limit: number, was: boolean): boolean => value > limit * (was ? RELIEF : 1);

  function look(): void {
    const none = isOver(final, SLOW_FINAL_MS, step === 'partials-none');
    const slow = isOver(partial, SLOW_PARTIAL_MS, step !== 'normal');
    step = none ? 'partials-none' : slow ? 'partials-slow' : 'normal';
    full = isOver(final, FULL_FINAL_MS, full);
    // Without partials there is nothing to measure: they are tried again when finals are quick.
    if (none) partial = SLOW_PARTIAL_MS;
  }
  return {
    sawFinal(took) {
      final += (took - final) * WEIGHT;
      look();
    },
    sawPartial(took) {
      partial += (took - partial) * WEIGHT;
      look();
    },
    step: () => step,
    isFull: () => full,
    forget() {
      final = 0;
      partial = 0;
      step = 'normal';
      full = false;
    },
  };
}

/** When a refused client may try again. */
export const LIVE_RETRY_AFTER = millis(5000);
