import { DEFAULT_DECODE_OPTIONS as DECODE } from '../core/index.ts';
import { MAX_BEAM_SIZE, MAX_JOBS } from './bounds.ts';
import { LIVE_OPTIONS } from './live-options.ts';
import type { Option } from './option.ts';
import { SERVER_OPTIONS } from './server-options.ts';

/** Every setting by its name in a config file. The one table that help, docs, environment and files are read from. */
export const OPTIONS = {
  formats: {
    flag: 'format',
    short: 'f',
    aliases: ['output-format', 'formats'],
    value: 'LIST',
    list: true,
    default: ['txt'],
    doc: 'What to write: txt, srt, vtt, json, native, tsv, lrc, md, or all',
    group: 'Output',
  },
  outputDir: {
    flag: 'output-dir',
    short: 'o',
    value: 'DIR',
    defaultText: 'stdout for one document, else the current folder',
    doc: 'Write files into this folder; it is made where it is missing',
    group: 'Output',
  },
  output: {
    flag: 'output',
    value: 'FILE',
    doc: 'Write the one document to this file, whose ending tells the format; - is stdout',
    group: 'Output',
  },
  beside: { flag: 'beside', default: false, doc: 'Write each file next to its recording', group: 'Output' },
  overwrite: {
    flag: 'overwrite',
    default: false,
    doc: 'Replace files that exist, in place of skipping them',
    group: 'Output',
  },
  words: {
    flag: 'words',
    aliases: ['word-timestamps'],
    default: DECODE.words,
    doc: 'Put the time and probability of every word into json and native',
    group: 'Output',
  },
  json: {
    flag: 'json',
    default: false,
    doc: 'Events as JSON on stdout, one a line; files only where -f, -o, --output or --beside asks',
    group: 'Output',
  },
  language: {
    flag: 'language',
    short: 'l',
    value: 'CODE',
    default: DECODE.language,
    doc: 'What is spoken, by code or English name; auto listens',
    group: 'Recognition',
  },
  task: {
    flag: 'task',
    value: 'TASK',
    default: DECODE.task,
    doc: 'transcribe, or translate into English (multilingual models)',
    group: 'Recognition',
  },
  prompt: {
    flag: 'prompt',
    aliases: ['initial-prompt'],
    value: 'TEXT',
    doc: 'Text that the model believes came before: names, spelling, style',
    group: 'Recognition',
  },
  keywords: {
    flag: 'keywords',
    aliases: ['hotwords'],
    value: 'LIST',
    list: true,
    default: [],
    doc: 'Words to listen for, parted by commas; native JSON lists where they are said',
    group: 'Recognition',
  },
  channels: {
    flag: 'channels',
    value: 'HOW',
    default: 'mix',
    doc: 'mix makes one transcript; split makes one a channel',
    group: 'Recognition',
  },
  timestamps: {
    flag: 'timestamps',
    default: DECODE.timestamps,
    doc: "Decode Whisper's own time stamps, in place of cutting by words",
    group: 'Recognition',
  },
  maxLineWidth: {
    flag: 'max-line-width',
    value: 'N',
    default: 'auto',
    defaultText: 'auto: 42, in Chinese, Japanese and Korean 32',
    unit: 'columns; a full-width character takes two',
    doc: 'Longest line of a subtitle',
    group: 'Subtitles',
  },
  maxLineCount: {
    flag: 'max-line-count',
    value: 'N',
    default: 2,
    unit: 'lines',
    doc: 'Most lines of a subtitle',
    group: 'Subtitles',
  },
  beamSize: {
    flag: 'beam-size',
    value: 'N',
    default: DECODE.beamSize,
    doc: `Hypotheses followed at once: 1 is greedy and fastest, at most ${String(MAX_BEAM_SIZE)}`,
    group: 'Decoding',
  },
  temperature: {
    flag: 'temperature',
    value: 'T',
    default: 0,
    doc: 'Temperature of the first try, 0 to 1',
    group: 'Decoding',
  },
  temperatureIncrement: {
    flag: 'temperature-increment',
    aliases: ['temperature-increment-on-fallback'],
    value: 'T',
    default: 0.2,
    doc: 'Added for each further try, up to 1; none tries once',
    group: 'Decoding',
  },
  lengthPenalty: {
    flag: 'length-penalty',
    value: 'N',
    default: DECODE.lengthPenalty,
    doc: "Exponent on a hypothesis's length; 1 is the plain mean",
    group: 'Decoding',
  },
  compressionRatioThreshold: {
    flag: 'compression-ratio-threshold',
    value: 'N',
    default: DECODE.compressionRatioThreshold,
    doc: 'Try again when the text is more repetitive than this',
    group: 'Decoding',
  },
  logprobThreshold: {
    flag: 'logprob-threshold',
    value: 'N',
    default: DECODE.logprobThreshold,
    doc: 'Try again when the mean log probability is below this',
    group: 'Decoding',
  },
  noSpeechThreshold: {
    flag: 'no-speech-threshold',
    value: 'P',
    default: DECODE.noSpeechThreshold,
    doc: 'Silence when nobody speaks with at least this probability and the words are improbable',
    group: 'Decoding',
  },
  previousText: {
    flag: 'previous-text',
    aliases: ['condition-on-previous-text'],
    default: false,
    doc: 'Give each segment the text before it as its prompt; segments then wait for each other',
    group: 'Decoding',
  },
  suppressSymbols: {
    flag: 'suppress-symbols',
    default: DECODE.suppressSymbols,
    doc: 'Keep sound tags and symbols that are not spoken out of the text',
    group: 'Decoding',
  },
  seed: {
    flag: 'seed',
    value: 'N',
    default: DECODE.seed,
    doc: 'Of the draws at temperatures above 0',
    group: 'Decoding',
  },
  threads: {
    flag: 'threads',
    short: 't',
    value: 'N',
    default: 'auto',
    defaultText: 'auto: one a core',
    unit: 'threads',
    doc: 'Most threads to compute with',
    group: 'Running',
  },
  jobs: {
    flag: 'jobs',
    short: 'j',
    value: 'N',
    default: 4,
    unit: 'files',
    doc: `Files worked on at once, at most ${String(MAX_JOBS)}; they share one model`,
    group: 'Running',
  },
  precision: {
    flag: 'precision',
    value: 'KIND',
    default: 'int8',
    doc: 'int8, or f32: slower, larger, hardly more accurate',
    group: 'Running',
  },
  progress: {
    flag: 'progress',
    value: 'HOW',
    default: 'auto',
    doc: 'auto, bar, lines, json or none; auto is a bar on a terminal, else nothing',
    group: 'Running',
  },
  quiet: { flag: 'quiet', short: 'q', default: false, doc: 'Only errors on stderr', group: 'Running' },
  verbose: { flag: 'verbose', short: 'v', default: false, doc: 'Say more on stderr', group: 'Running' },
  model: {
    flag: 'model',
    short: 'm',
    value: 'NAME',
    default: 'tiny.en',
    doc: 'Model by name, or the path of a model file or folder',
    group: 'Models',
  },
  modelsDir: {
    flag: 'models-dir',
    aliases: ['model-dir'],
    value: 'DIR',
    defaultText: "scriptorium/models in the user's data folder",
    doc: 'Where pulled models are kept',
    group: 'Models',
  },
  mirror: {
    flag: 'mirror',
    value: 'URL|DIR',
    doc: 'Take models from here in place of their usual source',
    group: 'Models',
  },
  cacheDir: {
    flag: 'cache-dir',
    value: 'DIR',
    defaultText: "scriptorium in the user's cache folder",
    doc: 'Where built graphs are kept, so that the next start is fast',
    group: 'Models',
  },
  ffmpeg: {
    flag: 'ffmpeg',
    value: 'PROGRAM',
    default: 'ffmpeg',
    doc: 'Decodes what is not WAV, AIFF, FLAC, MP3 or Ogg',
    group: 'Running',
  },
  maxHours: {
    flag: 'max-hours',
    value: 'N',
    default: 24,
    unit: 'hours',
    doc: 'Longest recording that is accepted',
    group: 'Limits',
  },
  engineTimeout: {
    flag: 'engine-timeout',
    value: 'N',
    default: 120,
    unit: 'seconds',
    doc: 'An engine that gives no sign for so long is started anew',
    group: 'Limits',
  },
  ...LIVE_OPTIONS,
  ...SERVER_OPTIONS,
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

/** The table as a list, in its order. */
export const OPTION_LIST: readonly (readonly [name: OptionName, option: Option])[] = optionEntries();

function optionEntries(): [OptionName, Option][] {
  const names = new Set<string>(Object.keys(OPTIONS));
  const isName = (name: string): name is OptionName => names.has(name);
  return Object.keys(OPTIONS)
    .filter(isName)
    .map((name) => [name, OPTIONS[name]]);
}
