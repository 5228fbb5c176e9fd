import { ScriptoriumError } from '../../core/index.ts';
import { OPTION_LIST, type GivenFlag, type OptionName } from '../../config/index.ts';
import type { Command } from '../command.ts';
import { FOREIGN_SPECS, foreignNotes, REWRITES } from './foreign-flags.ts';
import { parseArguments, type FlagSpec } from './parse-arguments.ts';

/** Flags that every command has and that are no settings. */
const COMMON: readonly FlagSpec[] = [
  { key: 'help', long: 'help', short: 'h', takesValue: false },
  { key: 'version', long: 'version', short: 'V', takesValue: false },
  { key: 'config', long: 'config', takesValue: true },
];

/** A command line, read. */
export interface CommandLine {
  readonly settings: ReadonlyMap<OptionName, GivenFlag>;
  readonly positionals: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
  readonly configFile?: string;
  /** For the person at the terminal: flags that have no effect. */
  readonly notes: readonly string[];
}

/**
 * Reads what stands behind a command's name. Only the flags that the command lists are known to it.
 * @throws ScriptoriumError `usage-invalid`.
 */
export function readCommandLine(argv: readonly string[], command: Command): CommandLine {
  const options = OPTION_LIST.filter(([name]) => command.options.includes(name));
  const own = options.map(([name, option]): FlagSpec => ({
    key: name,
    long: option.flag,
    takesValue: option.value !== undefined,
    ...(option.short === undefined ? {} : { short: option.short }),
    ...(option.aliases === undefined ? {} : { aliases: option.aliases }),
    ...(option.list === undefined ? {} : { list: true }),
  }));
  const foreign = command.acceptsForeignFlags;
  const specs = [...own, ...COMMON, ...(foreign ? FOREIGN_SPECS : [])];
  const { flags, positionals } = parseArguments(argv, specs, foreign ? REWRITES : undefined);
  if (positionals.includes('')) {
    throw new ScriptoriumError('usage-invalid', `an argument is empty: ${expected(command)}`);
  }
  const help = flags.get('help')?.value === true;
  const version = flags.get('version')?.value === true;
  const [extra] = positionals;
  if (command.usage === '' && extra !== undefined && !help && !version) {
    throw new ScriptoriumError('usage-invalid', `${command.name} takes only options, not ${extra}`);
  }
  const configFile = flags.get('config')?.value;
  return {
    settings: new Map(
      options.flatMap(([name]) => [flags.get(name)].flatMap((flag) => (flag ? [[name, flag] as const] : []))),
    ),
    positionals,
    help,
    version,
    ...(typeof configFile === 'string' ? { configFile } : {}),
    notes: foreign ? foreignNotes(flags) : [],
  };
}

const expected = ({ name, usage }: Command): string => `scriptorium ${name} ${usage}`.trimEnd();
