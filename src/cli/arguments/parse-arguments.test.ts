import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../../core/index.ts';
import { COMMANDS } from '../commands.ts';
import { readCommandLine } from './command-line.ts';
import { parseArguments, type FlagSpec } from './parse-arguments.ts';

const SPECS: readonly FlagSpec[] = [
  { key: 'formats', long: 'format', short: 'f', aliases: ['output-format'], takesValue: true, list: true },
  { key: 'beam', long: 'beam-size', takesValue: true },
  { key: 'quiet', long: 'quiet', short: 'q', takesValue: false },
  { key: 'words', long: 'words', short: 'w', takesValue: false },
];

const read = (line: string): { flags: Record<string, unknown>; positionals: readonly string[] } => {
  const { flags, positionals } = parseArguments(line.split(' ').filter(Boolean), SPECS);
  return { flags: Object.fromEntries([...flags].map(([key, { value }]) => [key, value])), positionals };
};

test.each([
  ['a.wav --beam-size 3 b.wav', { beam: '3' }, ['a.wav', 'b.wav']],
  ['--beam_size=3 -', { beam: '3' }, ['-']],
  ['--beam-size -1', { beam: '-1' }, []],
  ['--output_format srt -f vtt -ftxt -f=tsv', { formats: ['srt', 'vtt', 'txt', 'tsv'] }, []],
  ['-qw a', { quiet: true, words: true }, ['a']],
  ['-qf srt', { quiet: true, formats: ['srt'] }, []],
  ['--no-words --quiet=yes', { words: false, quiet: 'yes' }, []],
  ['--words True --quiet False a', { words: 'True', quiet: 'False' }, ['a']],
  ['--words true.wav', { words: true }, ['true.wav']],
  ['-- --words -q', {}, ['--words', '-q']],
  ['--beam-size 1 --beam-size 2', { beam: '2' }, []],
])('understands %s', (line, flags, positionals) => {
  expect(read(line)).toEqual({ flags, positionals });
});

test.each([
  ['--beam', '--beam is no option; did you mean --beam-size?'],
  ['--formt=x', '--formt is no option; did you mean --format?'],
  ['--beam-size', '--beam-size needs a value'],
  ['--beam-size --words', '--beam-size needs a value'],
  ['-z', '-z is no option'],
  ['-beam-size 3', '-beam-size is no option; did you mean --beam-size?'],
  ['--no-beam-size', '--no-beam-size is no option; did you mean --beam-size?'],
])('says what is wrong with %s', (line, message) => {
  expect(() => read(line)).toThrow(message);
});

test('every mistake of a line is told at once', () => {
  expect(() => read('--one --two')).toThrow('--one is no option\n--two is no option');
});

function outcomeOf(argv: readonly string[]): string {
  try {
    parseArguments(argv, SPECS);
    return 'read';
  } catch (error) {
    return error instanceof ScriptoriumError ? error.code : String(error);
  }
}

test('any line of words is read or refused, and words without hyphens are all kept', () => {
  const word = fc.oneof(
    fc.constantFrom('--words', '-q', '--format', '--', '-', '--no-words', '-f', '--x=1', 'True'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z.]+$/)), fc.array(word), (plain, wild) => {
      expect(parseArguments(plain, SPECS).positionals).toEqual(plain);
      expect(outcomeOf(wild)).toMatch(/^(read|usage-invalid)$/);
    }),
  );
});

const whisper = (line: string): { settings: Record<string, unknown>; notes: readonly string[] } => {
  const [command] = COMMANDS;
  if (command === undefined) throw new Error('there is a command');
  const { settings, notes } = readCommandLine(line.split(' '), command);
  return { settings: Object.fromEntries([...settings].map(([name, { value }]) => [name, value])), notes };
};

test("Whisper's own flags are settings of ours", () => {
  const line =
    'a.wav --model base.en --output_format all --output_dir out --word_timestamps True --beam_size 3 --initial_prompt x ' +
    '--temperature 0.2 --temperature_increment_on_fallback None --condition_on_previous_text False --threads 2 ' +
    '--language English --task translate --max_line_width 40 --max_line_count 1 --verbose False --model_dir m ' +
    '--compression_ratio_threshold 2 --logprob_threshold -2 --no_speech_threshold 0.5 --length_penalty 0.5';
  expect(whisper(line)).toEqual({
    notes: [],
    settings: {
      model: 'base.en',
      formats: ['all'],
      outputDir: 'out',
      words: 'True',
      beamSize: '3',
      prompt: 'x',
      temperature: '0.2',
      temperatureIncrement: 'None',
      previousText: 'False',
      threads: '2',
      language: 'English',
      task: 'translate',
      maxLineWidth: '40',
      maxLineCount: '1',
      verbose: 'False',
      modelsDir: 'm',
      compressionRatioThreshold: '2',
      logprobThreshold: '-2',
      noSpeechThreshold: '0.5',
      lengthPenalty: '0.5',
    },
  });
});

test("Whisper's flags that change nothing here are taken with a note, or without one where they ask for what is so", () => {
  expect(whisper('a.wav --best_of 5 --patience 2 --fp16 False').notes).toEqual([
    '--best_of has no effect here: above temperature 0 as many texts are drawn as --beam-size says, and the likeliest is kept',
    '--patience has no effect here: the search always ends with patience 1, once as many texts have ended as --beam-size says',
    '--fp16 has no effect here: the precision is set by --precision',
  ]);
  expect(whisper('a.wav --highlight_words False --device cpu --suppress_tokens -1').notes).toEqual([]);
});

test("Whisper's flags that ask for what we cannot do are refused", () => {
  expect(() => whisper('a.wav --highlight_words True --device cuda')).toThrow(
    /--device cuda is not possible.*\n--highlight_words True is not possible/,
  );
});

test("whisper.cpp's spellings are understood", () => {
  expect(whisper('a.wav -osrt -ovtt -bs 2 -t 4 -l de -tr -np').settings).toEqual({
    formats: ['srt', 'vtt'],
    beamSize: '2',
    threads: '4',
    language: 'de',
    task: 'translate',
    quiet: true,
  });
});
