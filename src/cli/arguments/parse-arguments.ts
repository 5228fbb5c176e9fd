import { ScriptoriumError } from '../../core/index.ts';
import { suggestion } from '../../config/index.ts';

/** A flag as the parser needs to know it. */
export interface FlagSpec {
  /** What the caller calls it. */
  readonly key: string;
  readonly long: string;
  readonly short?: string;
  readonly aliases?: readonly string[];
  /** Whether a value follows; without one it is on, or off as `--no-…`. */
  readonly takesValue: boolean;
  /** Whether it may be given again; otherwise the last one counts. */
  readonly list?: boolean;
}

export interface ParsedFlag {
  /** As typed. */
  readonly as: string;
  /** Text, a list of texts, or on and off. */
  readonly value: string | boolean | readonly string[];
}

export interface ParsedArguments {
  readonly flags: ReadonlyMap<string, ParsedFlag>;
  /** What is no flag, in order; `-` among them. */
  readonly positionals: readonly string[];
}

/** Old spellings that are put in place of one argument, before it is read: whisper.cpp's `-otxt`. */
export type Rewrites = ReadonlyMap<string, readonly string[]>;

/** What Python's argparse users write behind a flag that is on or off. */
const SPOKEN_FLAG = /^(True|False)$/;

/**
 * Reads a command line: `--long value`, `--long=value`, `-s value`, `-svalue`, clusters `-qv`, `--no-long`, underscores for
 * hyphens, `True` and `False` behind flags, `--` before what is no flag.
 *
 * @throws ScriptoriumError `usage-invalid`, a line for each argument that cannot be understood.
 */
export function parseArguments(
  argv: readonly string[],
  specs: readonly FlagSpec[],
  rewrites: Rewrites = new Map(),
): ParsedArguments {
  const flags = new Map<string, ParsedFlag>();
  const positionals: string[] = [];
  const problems: string[] = [];
  const queue = argv.flatMap((argument) => rewrites.get(argument) ?? [argument]);

  const set = (spec: FlagSpec, as: string, value: string | boolean): void => {
    const before = flags.get(spec.key)?.value;
    const earlier = typeof before === 'object' ? before : [];
    const isPart = spec.list === true && typeof value === 'string';
    flags.set(spec.key, { as, value: isPart ? [...earlier, value] : value });
  };
  /** @param inline what stood in the same argument: `=value`, or the rest of `-svalue`. */
  const read = (spec: FlagSpec, as: string, inline: string | undefined): void => {
    if (!spec.takesValue) {
      const spoken = inline ?? (SPOKEN_FLAG.test(queue[0] ?? '') ? queue.shift() : undefined);
      set(spec, as, spoken ?? true);
      return;
    }
    // A value may be negative or `-`, but a long flag in its place means that it was forgotten.
    const value = inline ?? (queue[0]?.startsWith('--') === true ? undefined : queue.shift());
    if (value === undefined) problems.push(`${as} needs a value`);
    else set(spec, as, value);
  };
  const readLong = (argument: string): void => {
    const [typed, inline] = splitOnce(argument, '=');
    const name = typed.slice(2).replaceAll('_', '-');
    const spec = findLong(specs, name);
    if (spec !== undefined) {
      read(spec, typed, inline);
      return;
    }
    const negated = name.startsWith('no-') ? findLong(specs, name.slice(3)) : undefined;
    if (negated !== undefined && !negated.takesValue && inline === undefined) set(negated, typed, false);
    else problems.push(`${typed} is no option${suggestion(name, longNames(specs), '--')}`);
  };
  const readShort = (argument: string): void => {
    for (let i = 1; i < argument.length; i++) {
      const letter = argument[i] ?? '';
      const spec = specs.find((each) => each.short === letter);
      if (spec === undefined) {
        const [whole] = splitOnce(argument, '=');
        const long = findLong(specs, whole.slice(1).replaceAll('_', '-'));
        problems.push(`${whole} is no option${long === undefined ? '' : `; did you mean --${long.long}?`}`);
        return;
      }
      const rest = argument.slice(i + 1).replace(/^=/, '');
      read(spec, `-${letter}`, spec.takesValue && rest !== '' ? rest : undefined);
      if (spec.takesValue) return;
    }
  };

  for (let argument = queue.shift(); argument !== undefined; argument = queue.shift()) {
    if (argument === '--') positionals.push(...queue.splice(0));
    else if (argument.startsWith('--')) readLong(argument);
    else if (argument.startsWith('-') && argument !== '-') readShort(argument);
    else positionals.push(argument);
  }
  if (problems.length > 0) throw new ScriptoriumError('usage-invalid', problems.join('\n'));
  return { flags, positionals };
}

const longNames = (specs: readonly FlagSpec[]): string[] =>
  specs.flatMap((spec) => [spec.long, ...(spec.aliases ?? [])]);

const findLong = (specs: readonly FlagSpec[], name: string): FlagSpec | undefined =>
  specs.find((spec) => spec.long === name || spec.aliases?.includes(name) === true);

function splitOnce(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}
