import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { loadConfig, nearest, type LoadedConfig } from '../config/index.ts';
import { ScriptoriumError } from '../core/index.ts';
import { readCommandLine, type CommandLine } from './arguments/command-line.ts';
import type { Call, Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { exitCodeOf, INTERRUPTED, SUCCESS, type ExitCode } from './exit-codes.ts';
import { commandHelp, mainHelp } from './help.ts';
import { errorLines } from './report-error.ts';
import { styleFor } from './terminal/style.ts';
import { OutputClosed, type World } from './world.ts';

/**
 * Runs one command line. Data goes to stdout, everything else to stderr.
 *
 * @param argv what stands behind the program's name.
 * @returns the exit code; never throws for what a user, a file or a closed pipe can cause.
 */
export async function runCli(argv: readonly string[], world: World): Promise<ExitCode> {
  try {
    return await dispatch(argv, world);
  } catch (error) {
    if (error instanceof OutputClosed) return SUCCESS;
    if (world.interrupted.aborted) return INTERRUPTED;
    await world.stderr.write(errorLines(error, styleFor(world.stderr, world.machine.env))).catch(() => undefined);
    return exitCodeOf(error);
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<ExitCode> {
  const [first, ...rest] = argv;
  if (first === undefined || first === 'help') return help(rest[0], world, first === undefined ? 2 : SUCCESS);
  const named = COMMANDS.find((command) => command.name === first);
  if (named === undefined) await refuseMistypedCommand(first, world);
  const command = named ?? COMMANDS[0];
  if (command === undefined) return SUCCESS;
  const line = readCommandLine(named === undefined ? argv : rest, command);
  if (line.help) return help(named?.name, world, SUCCESS);
  return line.version ? version(line, world) : perform(command, line, world);
}

/** `modles` is a recording only if there is one of this name. @throws ScriptoriumError `usage-invalid`. */
async function refuseMistypedCommand(word: string, world: World): Promise<void> {
  const meant = nearest(
    word,
    COMMANDS.map((command) => command.name),
  );
  if (meant === undefined || !/^\w+$/.test(word)) return;
  const isThere = await stat(resolve(world.cwd, word)).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  throw new ScriptoriumError('usage-invalid', `${word} is no command and no recording; did you mean ${meant}?`);
}

async function help(name: string | undefined, world: World, code: ExitCode): Promise<ExitCode> {
  const command = COMMANDS.find((each) => each.name === name);
  const output = code === SUCCESS ? world.stdout : world.stderr;
  const style = styleFor(output, world.machine.env);
  const columns = output.columns();
  await output.write(
    command === undefined ? mainHelp(COMMANDS, world.version, style, columns) : commandHelp(command, style, columns),
  );
  return code;
}

async function settle(line: CommandLine, world: World): Promise<LoadedConfig> {
  return loadConfig({
    flags: line.settings,
    machine: world.machine,
    cwd: world.cwd,
    ...(line.configFile === undefined ? {} : { file: line.configFile }),
  });
}

async function version(line: CommandLine, world: World): Promise<ExitCode> {
  if (line.settings.get('verbose')?.value !== true && line.settings.get('json')?.value !== true) {
    await world.stdout.write(`${world.version}\n`);
    return SUCCESS;
  }
  const call = callFor(await settle(line, world), line, world);
  const app = await call.createApp();
  try {
    const versions = await app.versions();
    const width = Math.max(...Object.keys(versions).map((name) => name.length));
    const lines = Object.entries(versions).map(([name, value]) => `${name.padEnd(width)}  ${value}\n`);
    await world.stdout.write(call.config.json ? `${JSON.stringify(versions)}\n` : lines.join(''));
  } finally {
    await app[Symbol.asyncDispose]();
  }
  return SUCCESS;
}

async function perform(command: Command, line: CommandLine, world: World): Promise<ExitCode> {
  if (command.warmsUp) await world.warmUp();
  const call = callFor(await settle(line, world), line, world);
  for (const text of line.notes) await call.note(text);
  if (call.file !== undefined && call.config.verbose) await call.note(`settings from ${call.file}`);
  const run = await command.load();
  return run(call);
}

function callFor(loaded: LoadedConfig, line: CommandLine, world: World): Call {
  const style = styleFor(world.stderr, world.machine.env);
  const { config } = loaded;
  const note = async (text: string): Promise<void> => {
    if (!config.quiet) await world.stderr.write(`${style.yellow('note:')} ${text}\n`);
  };
  return {
    ...loaded,
    world,
    positionals: line.positionals,
    style,
    note,
    createApp: () =>
      world.createApp(config, {
        env: world.machine.env,
        fetch: world.fetch,
        now: world.now,
        // A warning that cannot be written any more is nobody's loss.
        warn: (message) => void note(message).catch(() => undefined),
      }),
  };
}
