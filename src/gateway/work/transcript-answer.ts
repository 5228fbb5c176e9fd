import { ScriptoriumError, type Transcript } from '../../core/index.ts';
import { usageOf, type OpenAiAsk } from '../../protocol/index.ts';
import { openAiVerbose, writeTranscript, type FormatOptions } from '../../transcript/index.ts';
import { JSON_TYPE, TEXT_TYPE, type Answer } from '../http/answer.ts';

export const VTT_TYPE = 'text/vtt; charset=utf-8';

/** One cue a segment, as OpenAI writes them. */
const LAYOUT: FormatOptions = { title: '', words: true, keywords: [], subtitles: { kind: 'segments' } };

/** A transcript in the format that was asked for, as OpenAI answers it. */
export function openAiAnswer(
  transcripts: readonly Transcript[],
  { format, words, segments }: Pick<OpenAiAsk, 'format' | 'words' | 'segments'>,
): Answer {
  const transcript = onlyOne(transcripts);
  const usage = usageOf(transcript.duration);
  switch (format) {
    case 'json':
      return { status: 200, type: JSON_TYPE, body: JSON.stringify({ text: transcript.text, usage }) };
    case 'verbose_json': {
      const { segments: all, ...verbose } = openAiVerbose(transcript, { words });
      const body = { ...verbose, ...(segments ? { segments: all } : {}), usage };
      return { status: 200, type: JSON_TYPE, body: JSON.stringify(body) };
    }
    case 'text':
      return { status: 200, type: TEXT_TYPE, body: `${transcript.text}\n` };
    case 'srt':
    case 'vtt': {
      const type = format === 'vtt' ? VTT_TYPE : TEXT_TYPE;
      return { status: 200, type, body: writeTranscript(format, transcript, LAYOUT) };
    }
  }
}

export function onlyOne(transcripts: readonly Transcript[]): Transcript {
  const [first] = transcripts;
  if (first === undefined) throw new ScriptoriumError('server-failed', 'There is no transcript.');
  return first;
}
