import type { LoadedConfig, OptionName } from '../config/index.ts';
import type { App } from '../app/index.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Style } from './terminal/style.ts';
import type { World } from './world.ts';

/** What a command works with, once its command line is understood. */
export interface Call extends LoadedConfig {
  readonly world: World;
  readonly positionals: readonly string[];
  /** Of what goes to stderr. */
  readonly style: Style;
  /** One line to the person at the terminal, unless they asked for quiet. */
  readonly note: (line: string) => Promise<void>;
  /** Composes the product from the settings; the caller disposes of it. */
  readonly createApp: () => Promise<App>;
}

/** One command of the command line: what help says of it, and what it does. */
export interface Command {
  readonly name: string;
  /** Behind the name in the usage line; `''` for a command that takes only options. */
  readonly usage: string;
  readonly summary: string;
  /** What people come for, first thing in the help: the line, and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** More for the help, a paragraph an entry. */
  readonly about: readonly string[];
  readonly options: readonly OptionName[];
  readonly acceptsForeignFlags: boolean;
  /** Whether it will hardly do without an engine: its process is then started before anything else. */
  readonly warmsUp: boolean;
  /** Loads what runs it; help needs none of that. */
  readonly load: () => Promise<(call: Call) => Promise<ExitCode>>;
}
