import type { EngineResult, Millis, Segment, TranscriptSegment, Word } from '../core/index.ts';
import { millis, samplesToMillis } from '../core/index.ts';
import { splitSentences } from '../transcript/index.ts';

/**
 * The transcript's segments out of one engine result: its spans, moved to where the segment stands in the recording, and cut
 * into sentences where the times of words are known.
 */
export function segmentsOf(segment: Segment, result: EngineResult): TranscriptSegment[] {
  const offset = samplesToMillis(segment.start);
  const at = (time: number): Millis => millis(offset + time);
  const words = result.words?.map((word): Word => ({ ...word, start: at(word.start), end: at(word.end) }));
  return result.spans.flatMap((span) => {
    const start = at(span.start);
    const end = at(span.end);
    const piece: TranscriptSegment = {
      text: span.text,
      start,
      end,
      language: result.language,
      tokens: span.tokens,
      avgLogprob: result.avgLogprob,
      noSpeechProbability: result.noSpeechProbability,
      compressionRatio: result.compressionRatio,
      temperature: result.temperature,
    };
    if (words === undefined) return [piece];
    const own = result.spans.length === 1 ? words : words.filter((word) => word.start >= start && word.start < end);
    return splitSentences({ ...piece, words: own });
  });
}
