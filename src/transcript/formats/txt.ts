import type { Transcript } from '../../core/index.ts';
import { cleanText } from '../clean-text.ts';

/** One line a segment, a line feed behind each; the empty string when nobody spoke. */
export function writeTxt(transcript: Transcript): string {
  return transcript.segments.map(({ text }) => `${cleanText(text)}\n`).join('');
}
