import type { Samples } from '../units.ts';
import type { HeardWhole, LiveEvent } from './live-event.ts';
import type { LiveView } from './fold-live.ts';

/** What is told when all of an utterance was heard: its final, and its language when that is another than before. */
export function finalEvents(
  view: Pick<LiveView, 'language'>,
  { utterance, from, to }: { readonly utterance: number; readonly from: Samples; readonly to: Samples },
  { languageProbability, ...told }: HeardWhole,
): readonly LiveEvent[] {
  const { language, text } = told;
  const change: readonly LiveEvent[] =
    text === '' || language === view.language ? [] : [{ type: 'language', language, probability: languageProbability }];
  const fate = text === '' ? 'no-speech' : 'transcribed';
  return [...change, { type: 'final', utterance, from, to, fate, ...told }];
}
