import type { TranscriptionEvent } from '../../core/index.ts';
import { cleanText, gapBetween } from '../../transcript/index.ts';

/** The text of a transcription as its segments come: it only ever grows. */
export interface SaidText {
  /** What an event adds; empty for most. */
  add(event: TranscriptionEvent): string;
  readonly text: string;
}

export function saidText(): SaidText {
  let text = '';
  return {
    add(event) {
      if (event.type !== 'segment') return '';
      const before = text;
      for (const segment of event.segments) {
        const said = cleanText(segment.text);
        text += gapBetween(text, said) + said;
      }
      return text.slice(before.length);
    },
    get text() {
      return text;
    },
  };
}
