import { resolve } from 'node:path';
import { ScriptoriumError } from '../core/index.ts';
import { readConfigFile, type FileSettings } from './config-file.ts';
import { defaultCacheDir, defaultDataDir, defaultModelsDir, type Machine } from './folders.ts';
import { suggestion } from './nearest.ts';
import { ENV_PREFIX, envName } from './option.ts';
import { OPTION_LIST, type OptionName } from './options.ts';
import type { Config } from './schema.ts';

/** A setting as it was given on the command line. */
export interface GivenFlag {
  /** The flag as typed, for messages: `-f`, `--beam_size`. */
  readonly as: string;
  readonly value: unknown;
}

export interface ConfigSources {
  readonly flags: ReadonlyMap<OptionName, GivenFlag>;
  readonly machine: Machine;
  /** Relative paths stand here; so does a config file that nobody named. */
  readonly cwd: string;
  /** The path given with `--config`. */
  readonly file?: string;
}

/** The settings and the names of those that somebody set, so that a face can tell a choice from a default. */
export interface LoadedConfig {
  readonly config: Config;
  readonly given: ReadonlySet<OptionName>;
  /** The file that was read, if any. */
  readonly file?: string;
}

/** Names the config file, where no flag does. Not a setting: it cannot stand in the file. */
export const CONFIG_FILE_VARIABLE = `${ENV_PREFIX}CONFIG`;

interface Setting {
  readonly value: unknown;
  /** How messages call it: `--beam-size`, `SCRIPTORIUM_BEAM_SIZE`, `beamSize in scriptorium.config.json`. */
  readonly label: string;
}

/**
 * Settles every setting: flags over environment variables over the config file over defaults.
 *
 * @throws ScriptoriumError `usage-invalid`, one line for each value that is wrong and for each unknown name.
 */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const { env } = sources.machine;
  const file = await readConfigFile(sources.file ?? (env[CONFIG_FILE_VARIABLE] || undefined), sources.cwd);
  const problems = [...unknownVariables(env), ...(file?.problems ?? [])];
  const settings = new Map<OptionName, Setting>();
  const values: Record<string, unknown> = {
    modelsDir: defaultModelsDir(sources.machine),
    cacheDir: defaultCacheDir(sources.machine),
    dataDir: defaultDataDir(sources.machine),
  };
  for (const [name, option] of OPTION_LIST) {
    const setting = find(name, envName(option), sources, file);
    if (setting !== undefined) settings.set(name, setting);
    const value = setting === undefined ? option.default : setting.value;
    if (value !== undefined) values[name] = value;
  }
  // Loaded here, for help and usage errors need none of it and it takes longer than they do.
  const { CONFIG_SCHEMA } = await import('./schema.ts');
  const parsed = CONFIG_SCHEMA.safeParse(values);
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) {
      const name = OPTION_LIST.find(([each]) => each === path[0])?.[0];
      const setting = name === undefined ? undefined : settings.get(name);
      const label = setting?.label ?? String(path[0]);
      problems.push(isSecret(name) ? `${label} ${message}` : `${label} ${message}, not ${shown(setting?.value)}`);
    }
  }
  if (!parsed.success || problems.length > 0) {
    throw new ScriptoriumError('usage-invalid', [...new Set(problems)].join('\n'));
  }
  return {
    config: freeze(absolutePaths(parsed.data, sources.cwd)),
    given: new Set(settings.keys()),
    ...(file === undefined ? {} : { file: file.path }),
  };
}

function find(
  name: OptionName,
  variable: string,
  { flags, machine }: ConfigSources,
  file: FileSettings | undefined,
): Setting | undefined {
  const flag = flags.get(name);
  if (flag !== undefined) return { value: flag.value, label: flag.as };
  const value = machine.env[variable];
  // An empty variable is how many tools unset one.
  if (value !== undefined && value !== '') return { value, label: variable };
  if (file?.values.has(name) === true) return { value: file.values.get(name), label: `${name} in ${file.path}` };
  return undefined;
}

/** A variable that nobody reads is a setting that silently does nothing. */
function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set([CONFIG_FILE_VARIABLE, ...OPTION_LIST.map(([, option]) => envName(option))]);
  return Object.keys(env)
    .filter((name) => name.startsWith(ENV_PREFIX) && !known.has(name))
    .map((name) => `${name} is no variable of scriptorium${suggestion(name, known)}`);
}

const PATHS = [
  'outputDir',
  'output',
  'modelsDir',
  'cacheDir',
  'dataDir',
  'blobsDir',
  'brokerCa',
  'brokerCert',
  'brokerKey',
  'tlsCert',
  'tlsKey',
  'apiKeysFile',
] as const;

function absolutePaths(config: Config, cwd: string): Config {
  const resolved = PATHS.flatMap((name) => {
    const path = config[name];
    // `-` is stdout, no file of this name.
    return path === undefined || (name === 'output' && path === '-') ? [] : [[name, resolve(cwd, path)] as const];
  });
  return { ...config, ...Object.fromEntries(resolved) };
}

function freeze(config: Config): Config {
  for (const value of Object.values(config)) if (typeof value === 'object') Object.freeze(value);
  return Object.freeze(config);
}

const SECRETS: readonly (OptionName | undefined)[] = ['apiKey', 'apiKeys', 'webhookSecrets'];
/** Whether no message may repeat the value. */
const isSecret = (name: OptionName | undefined): boolean => SECRETS.includes(name);

/** Longest piece of a wrong value that a message repeats. */
const SHOWN_CHARACTERS = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
