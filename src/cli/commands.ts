import type { OptionName } from '../config/index.ts';
import type { Command } from './command.ts';

const RUNNING: readonly OptionName[] = ['threads', 'precision', 'ffmpeg', 'quiet', 'verbose', 'engineTimeout'];
const MODEL: readonly OptionName[] = ['model', 'modelsDir', 'cacheDir'];

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'transcribe',
    usage: 'FILE… | -',
    summary: 'Turn recordings into text; the command when none is named',
    examples: [
      ['scriptorium talk.mp3', 'print what is said'],
      ['scriptorium talk.mp3 -f srt > talk.srt', 'subtitles'],
      ['scriptorium *.wav -f txt,srt -o texts', 'two files for each recording, in a folder'],
      ['ffmpeg -i film.mkv -f wav - | scriptorium -', 'a recording from a pipe'],
      ['scriptorium call.wav --json --words', 'events for a program, one a line'],
    ],
    about: [
      'One recording in one format goes to stdout. Several recordings, formats or channels become files in the current ' +
        'folder, named after the recording (talk.mp3 becomes talk.srt), or where -o or --beside puts them; stdout then lists ' +
        'them. Files that exist are kept unless --overwrite is given.',
      "The names of Whisper's own options are understood too: --output_format, --output_dir, --word_timestamps True, …",
    ],
    options: [
      'formats',
      'outputDir',
      'output',
      'beside',
      'overwrite',
      'words',
      'json',
      'language',
      'task',
      'prompt',
      'keywords',
      'channels',
      'timestamps',
      'maxLineWidth',
      'maxLineCount',
      'beamSize',
      'temperature',
      'temperatureIncrement',
      'lengthPenalty',
      'compressionRatioThreshold',
      'logprobThreshold',
      'noSpeechThreshold',
      'previousText',
      'suppressSymbols',
      'seed',
      'jobs',
      'progress',
      'maxHours',
      ...RUNNING,
      ...MODEL,
    ],
    acceptsForeignFlags: true,
    warmsUp: true,
    load: async () => (await import('./commands/transcribe.ts')).transcribe,
  },
  {
    name: 'models',
    usage: 'list | pull | info | rm | verify  [NAME…]',
    summary: 'See, fetch, check and remove models',
    examples: [
      ['scriptorium models list', 'what there is, and what is on this machine'],
      ['scriptorium models pull base.en', 'fetch one; run it again to resume'],
      ['scriptorium models pull small --mirror /mnt/models', 'from a folder or URL of your own'],
      ['scriptorium models verify', 'check every model on this machine'],
    ],
    about: [],
    options: ['json', 'progress', 'quiet', 'verbose', 'modelsDir', 'mirror'],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/models.ts')).models,
  },
  {
    name: 'doctor',
    usage: '',
    summary: 'Look at this machine and transcribe a bundled recording',
    examples: [
      ['scriptorium doctor', 'is everything here, and how fast is it?'],
      ['scriptorium doctor --json', 'the same for a bug report'],
    ],
    about: ['Exits with 0 when transcription works, with 1 when something keeps it from working.'],
    options: ['json', ...RUNNING, ...MODEL],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
];
