import { ScriptoriumError, type Transcript, type TranscriptionRequest } from '../../core/index.ts';
import { refusal, usageOf } from '../../protocol/index.ts';
import { FORMATS, nativeDocument, openAiVerbose, writeTranscript, type FormatName } from '../../transcript/index.ts';
import { JSON_TYPE, TEXT_TYPE, type Answer } from '../http/answer.ts';
import { onlyOne, VTT_TYPE } from './transcript-answer.ts';

/** Documents that hold all channels; the other formats are of one channel each. */
const JSON_RESULTS = {
  json: ({ text, duration }: Transcript) => ({ text, usage: usageOf(duration) }),
  verbose_json: (transcript: Transcript, words: boolean) => ({
    ...openAiVerbose(transcript, { words }),
    usage: usageOf(transcript.duration),
  }),
  native: (transcript: Transcript, words: boolean, keywords: readonly string[]) =>
    nativeDocument(transcript, { words, keywords }),
};

/** By the name that the query gives; OpenAI calls plain text `text`. */
const TEXT_RESULTS: Readonly<Record<string, { readonly format: FormatName; readonly type: string }>> = {
  text: { format: 'txt', type: TEXT_TYPE },
  srt: { format: 'srt', type: 'application/x-subrip; charset=utf-8' },
  vtt: { format: 'vtt', type: VTT_TYPE },
  tsv: { format: 'tsv', type: 'text/tab-separated-values; charset=utf-8' },
  lrc: { format: 'lrc', type: TEXT_TYPE },
  md: { format: 'md', type: 'text/markdown; charset=utf-8' },
};

export const RESULT_FORMATS: readonly string[] = [...Object.keys(JSON_RESULTS), ...Object.keys(TEXT_RESULTS)];

/**
 * The text of a job in the format that `?format=` names, `json` without; of one channel with `?channel=`. In JSON, several
 * channels are a list under `channels`.
 *
 * @throws ScriptoriumError `format-unknown`; `request-invalid` for a channel that is not there, or not named where it must be.
 */
export function resultAnswer(
  transcripts: readonly Transcript[],
  { name, options }: Pick<TranscriptionRequest, 'name' | 'options'>,
  { searchParams }: URL,
): Answer {
  const format = searchParams.get('format') ?? 'json';
  const channel = searchParams.get('channel');
  const wanted = channel === null ? transcripts : transcripts.filter((_, index) => String(index) === channel);
  if (wanted.length === 0) {
    throw refusal('channel', 'invalid_value', `channel: there are ${String(transcripts.length)}, counted from 0.`);
  }
  const words = options.words;
  const keywords = options.keywords ?? [];
  if (isJson(format)) {
    const documents = wanted.map((transcript) => JSON_RESULTS[format](transcript, words, keywords));
    const body = documents.length === 1 ? documents[0] : { channels: documents };
    return { status: 200, type: JSON_TYPE, body: JSON.stringify(body) };
  }
  const found = TEXT_RESULTS[format];
  if (found === undefined) {
    throw new ScriptoriumError('format-unknown', `format: one of ${RESULT_FORMATS.join(', ')}.`);
  }
  if (wanted.length > 1) {
    const last = String(wanted.length - 1);
    throw refusal(
      'channel',
      'missing_required_parameter',
      `channel: ${format} is of one channel; name it, ?channel=0 to ?channel=${last}.`,
    );
  }
  const body = writeTranscript(found.format, onlyOne(wanted), {
    title: name,
    words,
    keywords,
    subtitles: { kind: 'readable', maxLineWidth: 'auto', maxLineCount: 2 },
  });
  const ending = FORMATS[found.format].extension;
  return {
    status: 200,
    type: found.type,
    body,
    headers: { 'content-disposition': `inline; filename="transcript${ending}"` },
  };
}

const isJson = (format: string): format is keyof typeof JSON_RESULTS => Object.hasOwn(JSON_RESULTS, format);
