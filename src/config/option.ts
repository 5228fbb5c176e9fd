/** How one setting is described: help, documentation and parsing all read this. */
export interface Option {
  /** Long flag without its hyphens; the environment variable is made of it. */
  readonly flag: string;
  readonly short?: string;
  /** Other long flags that mean the same: what people know from Whisper's command. */
  readonly aliases?: readonly string[];
  /** What stands for the value in help; a setting without one is on or off (`--words`, `--no-words`). */
  readonly value?: string;
  /** Whether the flag may be given several times, or once with commas. */
  readonly list?: true;
  /** In the words of a config file; undefined where leaving it out means something of its own. */
  readonly default?: string | number | boolean | readonly string[];
  /** What leaving it out means, where that is no plain value. */
  readonly defaultText?: string;
  readonly unit?: string;
  /** One line, no full stop. */
  readonly doc: string;
  readonly group: OptionGroup;
}

/** Headings of the help, in their order. */
export const OPTION_GROUPS = [
  'Live',
  'Output',
  'Recognition',
  'Subtitles',
  'Decoding',
  'Server',
  'Workers',
  'Broker',
  'Access',
  'Running',
  'Models',
  'Limits',
] as const;
export type OptionGroup = (typeof OPTION_GROUPS)[number];

/** `beam-size` is set by SCRIPTORIUM_BEAM_SIZE. */
export const ENV_PREFIX = 'SCRIPTORIUM_';
export const envName = (option: Pick<Option, 'flag'>): string =>
  ENV_PREFIX + option.flag.replaceAll('-', '_').toUpperCase();
