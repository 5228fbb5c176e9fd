import { clockStamp } from './clock-stamp.ts';
import type { Cue } from './cue.ts';

/** SubRip has no escapes: an arrow in the text that would read as a time line becomes U+2192. */
const harmless = (line: string): string => line.replace(/-{2,}>/g, '→');

/** SubRip: counted cues, a comma before the milliseconds, no byte order mark. The empty string when there are none. */
export function writeSrt(cues: readonly Cue[]): string {
  return cues
    .map(({ start, end, lines }, i) => {
      const times = `${clockStamp(start, ',')} --> ${clockStamp(end, ',')}`;
      return `${String(i + 1)}\n${times}\n${lines.map(harmless).join('\n')}\n`;
    })
    .join('\n');
}
