/** Flags of other Whisper commands that we know but have no setting for: accepted where they change nothing, else refused. */
import { ScriptoriumError } from '../../core/index.ts';
import type { FlagSpec, ParsedFlag, Rewrites } from './parse-arguments.ts';

interface ForeignFlag {
  readonly long: string;
  /** Values that ask for what we do anyway; undefined accepts every one with a note. */
  readonly harmless?: RegExp;
  /** Why it does nothing, or what to do instead. */
  readonly note: string;
}

const OFF = /^(false|none|0|)$/i;

const FOREIGN: readonly ForeignFlag[] = [
  {
    long: 'best-of',
    note: 'above temperature 0 as many texts are drawn as --beam-size says, and the likeliest is kept',
  },
  {
    long: 'patience',
    note: 'the search always ends with patience 1, once as many texts have ended as --beam-size says',
  },
  { long: 'fp16', note: 'the precision is set by --precision' },
  { long: 'compute-type', note: 'the precision is set by --precision' },
  { long: 'device', harmless: /^(cpu|auto)$/i, note: 'it computes on the CPU only' },
  { long: 'vad-filter', harmless: /^true$/i, note: 'speech is always found first' },
  { long: 'prepend-punctuations', note: 'words keep the punctuation that is written against them' },
  { long: 'append-punctuations', note: 'words keep the punctuation that is written against them' },
  { long: 'suppress-tokens', harmless: /^-1$/, note: 'use --suppress-symbols or --no-suppress-symbols' },
  {
    long: 'carry-initial-prompt',
    harmless: OFF,
    note: 'the prompt is given to every segment unless --previous-text is on',
  },
  {
    long: 'highlight-words',
    harmless: OFF,
    note: 'subtitles are not underlined word by word; --words puts word times into json',
  },
  { long: 'max-words-per-line', harmless: OFF, note: 'use --max-line-width' },
  { long: 'clip-timestamps', harmless: OFF, note: 'cut the recording first' },
  { long: 'hallucination-silence-threshold', harmless: OFF, note: 'nothing is transcribed where nobody speaks' },
];

export const FOREIGN_SPECS: readonly FlagSpec[] = FOREIGN.map(({ long }) => ({
  key: `foreign:${long}`,
  long,
  takesValue: true,
}));

/** whisper.cpp's own spellings of what we have. */
export const REWRITES: Rewrites = new Map([
  ['-otxt', ['--format=txt']],
  ['-osrt', ['--format=srt']],
  ['-ovtt', ['--format=vtt']],
  ['-olrc', ['--format=lrc']],
  ['-oj', ['--format=json']],
  ['-ojf', ['--format=native']],
  ['--output-txt', ['--format=txt']],
  ['--output-srt', ['--format=srt']],
  ['--output-vtt', ['--format=vtt']],
  ['--output-lrc', ['--format=lrc']],
  ['--output-json', ['--format=json']],
  ['-bs', ['--beam-size']],
  ['-bo', ['--best-of']],
  ['-tr', ['--task=translate']],
  ['--translate', ['--task=translate']],
  ['-np', ['--quiet']],
  ['--no-prints', ['--quiet']],
  ['-pp', ['--progress=lines']],
  ['--print-progress', ['--progress=lines']],
]);

/** One line for each foreign flag that was given in vain. @throws ScriptoriumError `usage-invalid` for what we cannot do. */
export function foreignNotes(flags: ReadonlyMap<string, ParsedFlag>): string[] {
  const notes: string[] = [];
  const refused: string[] = [];
  for (const { long, harmless, note } of FOREIGN) {
    const flag = flags.get(`foreign:${long}`);
    if (flag === undefined) continue;
    const value = String(flag.value);
    if (harmless === undefined) notes.push(`${flag.as} has no effect here: ${note}`);
    else if (!harmless.test(value)) refused.push(`${flag.as} ${value} is not possible: ${note}`);
  }
  if (refused.length > 0) throw new ScriptoriumError('usage-invalid', refused.join('\n'));
  return notes;
}
