import { basename, dirname, extname, join } from 'node:path';
import { FORMATS, type FormatName } from '../../app/index.ts';
import type { Config, OptionName } from '../../config/index.ts';
import { ScriptoriumError } from '../../core/index.ts';
import type { NamedInput } from './inputs.ts';
import { isSameFile } from './write-file.ts';

/** Where the documents go: the one to stdout, or each to a file. `events` alone writes none. */
export type Destination =
  | { readonly kind: 'stdout'; readonly format: FormatName }
  | { readonly kind: 'events' }
  | {
      readonly kind: 'files';
      readonly stems: ReadonlyMap<NamedInput, FileStem>;
      readonly formats: readonly FormatName[];
    };

/** A file's path without the format's ending; a fixed one has its own. */
export type FileStem =
  | { readonly kind: 'stem'; readonly path: string }
  | { readonly kind: 'fixed'; readonly path: string; readonly format: FormatName };

interface Plan {
  readonly config: Config;
  readonly given: ReadonlySet<OptionName>;
  readonly cwd: string;
}

/**
 * Decides where documents go. One recording in one format goes to stdout; more, or a place asked for, means files.
 * @throws ScriptoriumError `usage-invalid` where the wishes contradict each other or two recordings would share a file.
 */
export async function planDestination(
  inputs: readonly NamedInput[],
  { config, given, cwd }: Plan,
): Promise<Destination> {
  const { formats, outputDir, output, beside, channels, json } = config;
  const placed = [outputDir, output, beside || undefined].filter((each) => each !== undefined);
  if (placed.length > 1) throw usage('--output-dir, --output and --beside exclude each other: choose one');
  if (output !== undefined) return oneFile(inputs, config, output, given);
  if (placed.length === 0) {
    const [format] = formats;
    const one = inputs.length === 1 && formats.length === 1 && channels === 'mix';
    if (json && !given.has('formats')) return { kind: 'events' };
    if (!json && one && format !== undefined) return { kind: 'stdout', format };
  }
  const folderOf = ({ path }: NamedInput): string =>
    beside && path !== undefined ? dirname(path) : (outputDir ?? cwd);
  return { kind: 'files', formats, stems: stems(inputs, folderOf, formats) };
}

const usage = (message: string): ScriptoriumError => new ScriptoriumError('usage-invalid', message);

/** Names of stdout: a file by one of these would be written over what else goes there. */
const STDOUT_NAMES: ReadonlySet<string> = new Set(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']);

async function oneFile(
  inputs: readonly NamedInput[],
  { formats, channels, json }: Config,
  path: string,
  given: ReadonlySet<OptionName>,
): Promise<Destination> {
  const [input, ...others] = inputs;
  const ending = extname(path).slice(1).toLowerCase();
  const byEnding = isFormat(ending) ? ending : undefined;
  const [asked, ...more] = given.has('formats') ? formats : [byEnding ?? formats[0]];
  if (input === undefined || asked === undefined || others.length > 0 || more.length > 0 || channels === 'split') {
    throw usage('--output names one file: give one recording, one format and no --channels split, or use --output-dir');
  }
  if (STDOUT_NAMES.has(path)) {
    if (json) throw usage(`--output ${path} and --json would both write to stdout: choose one`);
    return { kind: 'stdout', format: asked };
  }
  if (input.path !== undefined && (await isSameFile(input.path, path))) {
    throw usage('--output would replace the recording itself');
  }
  return { kind: 'files', formats: [], stems: new Map([[input, { kind: 'fixed', path, format: asked }]]) };
}

const isFormat = (name: string): name is FormatName => Object.hasOwn(FORMATS, name);

/**
 * `talk.mp3` becomes `talk`; where two recordings would meet (`talk.mp3`, `talk.wav`), or a document would be called what a
 * recording is, they keep their ending.
 */
function stems(
  inputs: readonly NamedInput[],
  folderOf: (input: NamedInput) => string,
  formats: readonly FormatName[],
): Map<NamedInput, FileStem> {
  const short = (input: NamedInput): string => join(folderOf(input), basename(input.name, extname(input.name)));
  const counts = new Map<string, number>();
  for (const input of inputs) counts.set(short(input), (counts.get(short(input)) ?? 0) + 1);
  const recordings = new Set(inputs.map((input) => input.path));
  const isTaken = (path: string): boolean =>
    counts.get(path) !== 1 || formats.some((format) => recordings.has(path + FORMATS[format].extension));
  const owners = new Map<string, NamedInput>();
  const found = new Map<NamedInput, FileStem>();
  for (const input of inputs) {
    const path = isTaken(short(input)) ? join(folderOf(input), basename(input.name)) : short(input);
    const owner = owners.get(path);
    if (owner !== undefined) {
      throw usage(
        `${owner.name} and ${input.name} would both become ${basename(path)}: use --beside, or do one after the other`,
      );
    }
    owners.set(path, input);
    found.set(input, { kind: 'stem', path });
  }
  return found;
}

/** The file of one document. @param channel where channels were split. */
export function filePath(stem: FileStem, format: FormatName, channel: number | undefined): string {
  if (stem.kind === 'fixed') return stem.path;
  return `${stem.path}${channel === undefined ? '' : `.channel-${String(channel)}`}${FORMATS[format].extension}`;
}

/** The files of some formats. @param transcripts how many the recording becomes: one, or one a channel. */
export function filePaths(stem: FileStem, formats: readonly FormatName[], transcripts: number): readonly string[] {
  const channels = transcripts === 1 ? [undefined] : [...Array(transcripts).keys()];
  return formats.flatMap((format) => channels.map((channel) => filePath(stem, format, channel)));
}
