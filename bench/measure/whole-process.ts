/** Time of a whole process over one short clip, from start to exit, with warm caches. */
import { spawn } from 'node:child_process';
import { exitCode } from '../sides/exit-code.ts';

export interface Command {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

export interface CommandTimes {
  readonly name: string;
  /** Seconds, one a round. */
  readonly wall: readonly number[];
  /** What it printed the first time. */
  readonly printed: string;
}

async function timeOnce({
  name,
  program,
  args,
}: Command): Promise<{ readonly wall: number; readonly printed: string }> {
  const start = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const code = await exitCode(child);
  if (code !== 0) throw new Error(`${name} ended with ${String(code)}: ${complaint.slice(-500)}`);
  return { wall: (performance.now() - start) / 1000, printed: printed.trim() };
}

/** Runs the commands in turn, `rounds` times after a first one each that does not count. */
export async function timeCommands(commands: readonly Command[], rounds: number): Promise<readonly CommandTimes[]> {
  const printed = new Map<string, string>();
  const times = new Map<string, number[]>(commands.map(({ name }) => [name, []]));
  for (const command of commands) printed.set(command.name, (await timeOnce(command)).printed);
  for (let round = 0; round < rounds; round++) {
    for (const command of round % 2 === 0 ? commands : commands.toReversed()) {
      times.get(command.name)?.push((await timeOnce(command)).wall);
    }
  }
  return commands.map(({ name }) => ({ name, wall: times.get(name) ?? [], printed: printed.get(name) ?? '' }));
}
