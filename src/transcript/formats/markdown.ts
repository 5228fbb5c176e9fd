import type { Transcript, TranscriptSegment } from '../../core/index.ts';
import { cleanText } from '../clean-text.ts';
import { joinTexts } from '../spacing.ts';

/** A new paragraph starts after a silence this long, or when one has grown past this many characters. */
const PARAGRAPH_PAUSE_MS = 2000;
const PARAGRAPH_CHARACTERS = 600;

/** A heading, a line of facts, then paragraphs that start with the time at which they are spoken. */
export function writeMarkdown(transcript: Transcript, title: string): string {
  const facts = `Language: ${transcript.language} · Length: ${stamp(transcript.duration)}`;
  const blocks = paragraphs(transcript.segments).map(
    ({ start, texts }) => `**[${stamp(start)}]** ${escape(joinTexts(texts))}`,
  );
  return `${[`# ${escape(cleanText(title))}`, facts, ...blocks].join('\n\n')}\n`;
}

interface Paragraph {
  readonly start: number;
  readonly texts: string[];
}

function paragraphs(segments: readonly TranscriptSegment[]): Paragraph[] {
  const found: Paragraph[] = [];
  let size = 0;
  let end = 0;
  for (const segment of segments) {
    const text = cleanText(segment.text);
    if (text === '') continue;
    const open = found.at(-1);
    if (open === undefined || segment.start - end >= PARAGRAPH_PAUSE_MS || size > PARAGRAPH_CHARACTERS) {
      found.push({ start: segment.start, texts: [text] });
      size = 0;
    } else open.texts.push(text);
    size += text.length;
    end = segment.end;
  }
  return found;
}

/** `m:ss`, with hours where there are any: cut, not rounded, as a player shows it. */
function stamp(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours > 0 ? `${String(hours)}:${two(minutes)}` : String(minutes)}:${two(seconds % 60)}`;
}

/** Characters that CommonMark gives a meaning inside a line, and the marks of a list or heading at its start. */
const escape = (text: string): string =>
  text.replace(/[\\`*_[\]<>&~|]/g, '\\$&').replace(/^([#+-]|\d+[.)])(?=\s|$)/, (mark) => mark.replace(/.$/, '\\$&'));
