import type { Transcript } from '../../core/index.ts';
import { cleanText } from '../clean-text.ts';
import { atomsOf } from './atoms.ts';
import { SUBTITLE_LIMITS, type Cue, type SubtitleLimits } from './cue.ts';
import { cutCues } from './cut-cues.ts';
import { settleCues } from './settle-cues.ts';
import { timeCues } from './time-cues.ts';

/**
 * Subtitles for reading: cues cut and lines broken where a reader pauses, within `limits`. Word times give the best cuts;
 * without them a segment's time is shared out by width. The line limits hold always; the times as far as speech lets them.
 */
export function readableCues(transcript: Transcript, limits: SubtitleLimits = SUBTITLE_LIMITS): Cue[] {
  return settleCues(timeCues(cutCues(atomsOf(transcript, limits.maxLineWidth), limits), limits));
}

/** One cue a segment, on one line: what OpenAI's endpoint and Whisper's own writers give. */
export function segmentCues(transcript: Transcript): Cue[] {
  return settleCues(transcript.segments.map(({ start, end, text }) => ({ start, end, lines: [cleanText(text)] })));
}
