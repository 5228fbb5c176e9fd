import type { Transcript } from '../../core/index.ts';
import { segmentCues } from '../subtitles/subtitle-cues.ts';

/** Song lyrics: `[mm:ss.xx]` and the text of a segment a line; minutes take a third digit from 100 on. */
export function writeLrc(transcript: Transcript): string {
  return segmentCues(transcript)
    .map(({ start, lines }) => `[${stamp(start)}]${harmless(lines.join(' '))}\n`)
    .join('');
}

/** Rounded once, to hundredths: the format has no more. */
function stamp(ms: number): string {
  const hundredths = Math.round(ms / 10);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${two(hundredths / 6000)}:${two((hundredths / 100) % 60)}.${two(hundredths % 100)}`;
}

/** A bracket at the start of the text would read as another stamp or tag. */
const harmless = (text: string): string => (text.startsWith('[') ? ` ${text.replace(/\[(?=\d)/g, '(')}` : text);
