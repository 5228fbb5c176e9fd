import { clockStamp } from './clock-stamp.ts';
import type { Cue } from './cue.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escape = (line: string): string => line.replace(/[&<>]/g, (character) => ESCAPES[character] ?? character);

/** WebVTT (W3C): `&`, `<` and `>` escaped, which also keeps an arrow out of the text. */
export function writeVtt(cues: readonly Cue[]): string {
  const blocks = cues.map(({ start, end, lines }) => {
    const times = `${clockStamp(start, '.')} --> ${clockStamp(end, '.')}`;
    return `${times}\n${lines.map(escape).join('\n')}\n`;
  });
  return ['WEBVTT\n', ...blocks].join('\n');
}
