import type { Millis, Transcript, TranscriptSegment } from '../core/index.ts';
import { cleanText } from './clean-text.ts';
import { joinTexts } from './spacing.ts';

export interface StitchOptions {
  /** The language asked for; `auto` takes the one heard longest, and `en` when nobody spoke. */
  readonly language: string;
  readonly task: 'transcribe' | 'translate';
  readonly duration: Millis;
  readonly channel?: number;
}

/** Puts the segments of one channel, in any order, together: sorted by start, empty ones dropped, texts joined. */
export function stitch(segments: readonly TranscriptSegment[], options: StitchOptions): Transcript {
  const spoken = segments
    .map((segment) => ({ ...segment, text: cleanText(segment.text) }))
    .filter((segment) => segment.text !== '')
    .sort((a, b) => a.start - b.start);
  return {
    text: joinTexts(spoken.map((segment) => segment.text)),
    language: options.language === 'auto' ? (mostHeard(spoken) ?? 'en') : options.language,
    task: options.task,
    duration: options.duration,
    segments: spoken,
    ...(options.channel === undefined ? {} : { channel: options.channel }),
  };
}

/** The language with the most time; the earliest of equals. */
function mostHeard(segments: readonly TranscriptSegment[]): string | undefined {
  const heard = new Map<string, number>();
  for (const { language, start, end } of segments) heard.set(language, (heard.get(language) ?? 0) + (end - start));
  let best: string | undefined;
  for (const [language, time] of heard) if (best === undefined || time > (heard.get(best) ?? 0)) best = language;
  return best;
}
