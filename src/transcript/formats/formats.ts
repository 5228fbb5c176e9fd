import type { Transcript } from '../../core/index.ts';
import { defaultLineWidth, SUBTITLE_LIMITS, type Cue } from '../subtitles/cue.ts';
import { writeSrt } from '../subtitles/srt.ts';
import { readableCues, segmentCues } from '../subtitles/subtitle-cues.ts';
import { writeVtt } from '../subtitles/vtt.ts';
import { writeLrc } from './lrc.ts';
import { writeMarkdown } from './markdown.ts';
import { writeNativeJson } from './native-json.ts';
import { writeOpenAiJson } from './openai-json.ts';
import { writeTsv } from './tsv.ts';
import { writeTxt } from './txt.ts';

export interface FormatOptions {
  /** Heads a Markdown document: normally the recording's name. */
  readonly title: string;
  /** Whether the JSON documents carry words. */
  readonly words: boolean;
  readonly keywords: readonly string[];
  readonly subtitles: SubtitleLayout;
}

/** `segments`: one cue a segment, no limits, as OpenAI writes them. `readable`: cut for reading, see `SubtitleLimits`. */
export type SubtitleLayout =
  | { readonly kind: 'segments' }
  | { readonly kind: 'readable'; readonly maxLineWidth: number | 'auto'; readonly maxLineCount: number };

interface Format {
  /** What the file is called behind the recording's name, dot included; no two formats share one. */
  readonly extension: string;
  /** Whether it is better for having words. */
  readonly wantsWords: boolean;
  readonly about: string;
  readonly write: (transcript: Transcript, options: FormatOptions) => string;
}

/** Every format that a transcript can be written in. */
export const FORMATS = {
  txt: { extension: '.txt', wantsWords: false, about: 'plain text, a line a sentence', write: writeTxt },
  srt: {
    extension: '.srt',
    wantsWords: true,
    about: 'SubRip subtitles',
    write: (transcript, options) => writeSrt(cuesOf(transcript, options.subtitles)),
  },
  vtt: {
    extension: '.vtt',
    wantsWords: true,
    about: 'WebVTT subtitles',
    write: (transcript, options) => writeVtt(cuesOf(transcript, options.subtitles)),
  },
  json: { extension: '.json', wantsWords: true, about: "OpenAI's verbose_json", write: writeOpenAiJson },
  native: {
    extension: '.native.json',
    wantsWords: true,
    about: 'our own JSON: milliseconds, keyword hits',
    write: writeNativeJson,
  },
  tsv: { extension: '.tsv', wantsWords: true, about: 'a table of start, end (ms) and text', write: writeTsv },
  lrc: { extension: '.lrc', wantsWords: true, about: 'timed lyrics', write: writeLrc },
  md: {
    extension: '.md',
    wantsWords: true,
    about: 'Markdown with times',
    write: (transcript, options) => writeMarkdown(transcript, options.title),
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

/** In the order of the table. */
export const FORMAT_NAMES: readonly FormatName[] = ['txt', 'srt', 'vtt', 'json', 'native', 'tsv', 'lrc', 'md'];

/** Writes one transcript in one format; the whole document as a string. */
export const writeTranscript = (format: FormatName, transcript: Transcript, options: FormatOptions): string =>
  FORMATS[format].write(transcript, options);

function cuesOf(transcript: Transcript, layout: SubtitleLayout): Cue[] {
  if (layout.kind === 'segments') return segmentCues(transcript);
  const spoken = transcript.task === 'translate' ? 'en' : transcript.language;
  const maxLineWidth = layout.maxLineWidth === 'auto' ? defaultLineWidth(spoken) : layout.maxLineWidth;
  return readableCues(transcript, { ...SUBTITLE_LIMITS, maxLineWidth, maxLineCount: layout.maxLineCount });
}
