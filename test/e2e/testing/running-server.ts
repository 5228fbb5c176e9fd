/** The built server as a process of its own: `npm run build` comes first. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openAsBlob } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const project = fileURLToPath(new URL('../../../', import.meta.url));
export const main = join(project, 'dist/cli/main.js');
export const JFK = join(project, 'examples/jfk.wav');
export const fixture = (name: string): string => join(project, 'test/fixtures', name);

export function mustBeBuilt(): void {
  if (!existsSync(main)) throw new Error('the command is not built: npm run build');
}

/** Nothing of the machine's own settings reaches the process. */
export const environment = (folder: string) => ({
  PATH: process.env['PATH'],
  HOME: folder,
  SCRIPTORIUM_CACHE_DIR: join(folder, 'cache'),
});

export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** The exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Starts it in a folder of the test's own, on a free port; resolves when it is ready. */
export async function startServer(folder: string, ...flags: readonly string[]): Promise<RunningServer> {
  const argv = [main, 'serve', '--json', '--port', '0', '--data-dir', join(folder, 'data'), ...flags];
  const child: ChildProcess = spawn(process.execPath, argv, { cwd: folder, env: environment(folder) });
  let stdout = '';
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = once(child, 'close').then(() => child.exitCode);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const ready = /"type":"ready","url":"([^"]+)"/.exec(stdout)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    exited.then(
      (code) => reject(new Error(`the server ended with ${String(code)} before it was ready: ${stderr}`)),
      reject,
    );
  });
  return {
    url,
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => {
      child.kill(signal);
    },
    exited,
  };
}

/** Its engine processes, by id. */
export async function childrenOf({ pid }: RunningServer): Promise<readonly number[]> {
  const found = promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  const { stdout } = await found.catch(() => ({ stdout: '' }));
  return stdout
    .split('\n')
    .map(Number)
    .filter((child) => child > 0);
}

/** Whether there was such a process to kill. */
export function killProcess(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

/** A form with the file and these fields. */
export async function formOf(path: string, fields: Readonly<Record<string, string>> = {}): Promise<FormData> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', await openAsBlob(path), basename(path));
  return form;
}

/** What OpenAI's clients send. */
export async function transcribe(
  server: RunningServer,
  path: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const body = await formOf(path, { model: 'whisper-1', ...fields });
  const answer = await fetch(`${server.url}/v1/audio/transcriptions`, { method: 'POST', body });
  return { status: answer.status, text: await answer.text() };
}
