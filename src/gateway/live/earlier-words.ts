import type { Samples, EarlierWords, Word } from '../../core/index.ts';
import { millis, millisToSamples, samplesToMillis } from '../../core/index.ts';
import type { LiveSettings } from './live-settings.ts';

/** Before the first word, whose start is known to a tenth of a second or so. */
const LEAD_MS = 100;

/**
 * What was said before an utterance that is to be heard together with it: a short one by itself is often misheard, a long one is context
 * enough.
 *
 * @param recent words of the session that end before the utterance.
 * @returns undefined when it is long enough, or nothing was said shortly before.
 */
export function earlierWords(
  recent: readonly Word[] | undefined,
  { from, to }: { readonly from: Samples; readonly to: Samples },
  { together, togetherWithin }: Pick<LiveSettings, 'together' | 'togetherWithin'>,
): EarlierWords | undefined {
  const begin = samplesToMillis(from);
  const last = recent?.at(-1);
  if (recent === undefined || last === undefined || begin - last.end > togetherWithin) return undefined;
  const earliest = samplesToMillis(to) - together;
  const words = recent.filter(({ start }) => start - LEAD_MS >= earliest && start < begin);
  const [first] = words;
  if (first === undefined) return undefined;
  return {
    from: millisToSamples(millis(Math.max(0, first.start - LEAD_MS))),
    words: words.map(({ text, tokens }) => ({ text, tokens })),
  };
}
