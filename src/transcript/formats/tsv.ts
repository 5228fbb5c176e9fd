import type { Transcript } from '../../core/index.ts';
import { segmentCues } from '../subtitles/subtitle-cues.ts';

/** Whisper's table: a head line, then start and end in whole milliseconds and the text, parted by tabs. */
export function writeTsv(transcript: Transcript): string {
  const rows = segmentCues(transcript).map(
    ({ start, end, lines }) => `${String(start)}\t${String(end)}\t${lines.join(' ')}\n`,
  );
  return ['start\tend\ttext\n', ...rows].join('');
}
