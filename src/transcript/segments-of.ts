import type { DecodedSpan, EngineResult, Millis, Segment, TranscriptSegment, Word } from '../core/index.ts';
import { millis, samplesToMillis } from '../core/index.ts';
import { splitSentences } from './sentences.ts';

/**
 * The transcript's segments out of one engine result: its spans, moved to where the segment stands in the recording, and cut
 * into sentences where the times of words are known. Together they have the tokens of the spans, each its own.
 */
export function segmentsOf(segment: Pick<Segment, 'start'>, result: EngineResult): TranscriptSegment[] {
  const offset = samplesToMillis(segment.start);
  const at = (time: number): Millis => millis(offset + time);
  const shares = shareWords(result.words ?? [], result.spans);
  const isTimed = result.words !== undefined && result.words.length > 0;
  return result.spans.flatMap((span, i) => {
    const piece: TranscriptSegment = {
      text: span.text,
      start: at(span.start),
      end: at(span.end),
      language: result.language,
      tokens: span.tokens,
      avgLogprob: result.avgLogprob,
      noSpeechProbability: result.noSpeechProbability,
      compressionRatio: result.compressionRatio,
      temperature: result.temperature,
    };
    if (!isTimed) return [result.words === undefined ? piece : { ...piece, words: [] }];
    const words = (shares[i] ?? []).map((word): Word => ({ ...word, start: at(word.start), end: at(word.end) }));
    // A word may reach over the end of its span, and takes its tokens along.
    return splitSentences({ ...piece, tokens: words.flatMap(({ tokens }) => tokens), words });
  });
}

/** The words of each span: those whose first token is one of its tokens. Times don't tell: attention and stamps may differ. */
function shareWords(words: readonly Word[], spans: readonly DecodedSpan[]): readonly (readonly Word[])[] {
  const shares: Word[][] = spans.map(() => []);
  let span = 0;
  let left = spans[0]?.tokens.length ?? 0;
  for (const word of words) {
    while (left <= 0 && span < spans.length - 1) left += spans[++span]?.tokens.length ?? 0;
    shares[span]?.push(word);
    left -= word.tokens.length;
  }
  return shares;
}
