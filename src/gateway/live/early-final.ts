import { finalEvents } from '../../core/index.ts';
import type { LiveEvent, LiveView, Samples } from '../../core/index.ts';

/**
 * The final of an utterance that ends at `to`, when its last partial has heard all of it as a final does and its turn has come.
 * What `reduceLive` would make of the same result, told without waiting for it. None when it has to be heard yet.
 */
export function earlyFinal(view: LiveView, utterance: number, to: Samples): readonly LiveEvent[] {
  const open = view.open.find((one) => one.utterance === utterance);
  if (open?.whole === undefined || open.heard !== to || view.nextFinal !== utterance) return [];
  return finalEvents(view, { ...open, to }, open.whole);
}
