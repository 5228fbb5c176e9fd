/** Events that a gateway writes of utterances that no engine will say anything of. */
import { stableText } from '../../core/index.ts';
import type { LiveEvent, LiveView, OpenUtterance, Samples, UtteranceFate } from '../../core/index.ts';

/** The final of an utterance without one: what is settled of it stands, nothing else. */
function unheard(
  view: LiveView,
  { utterance, from, to, text, stable, settled, words }: OpenUtterance,
  fate: UtteranceFate,
  end: Samples,
): LiveEvent {
  const kept = fate === 'cleared' ? [] : words.slice(0, settled);
  return {
    type: 'final',
    utterance,
    from,
    to: to ?? end,
    fate,
    text: fate === 'cleared' ? '' : stableText({ text, stable }),
    words: kept,
    tokens: kept.flatMap(({ tokens }) => tokens),
    language: view.language ?? 'en',
    avgLogprob: 0,
    noSpeechProbability: 0,
  };
}

/** Finals of the utterances whose turn it is and which the client threw away. */
export function clearedFinals(view: LiveView, cleared: ReadonlySet<number>, end: Samples): readonly LiveEvent[] {
  const events: LiveEvent[] = [];
  for (const [index, open] of view.open.entries()) {
    if (open.utterance !== view.nextFinal + index || !cleared.has(open.utterance)) break;
    events.push(unheard(view, open, 'cleared', end));
  }
  return events;
}

/** Finals of all that are open, when nobody waits any longer. */
export const failedFinals = (view: LiveView, end: Samples): readonly LiveEvent[] =>
  view.open.map((open) => unheard(view, open, 'failed', end));
