import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { readWork, type WorkerProcess } from '../../supervisor/index.ts';

/** How a worker is started. */
export interface WorkerProgram {
  /** The command's file. */
  readonly main: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes what it writes to stderr: its log. */
  readonly log: (line: string) => void;
}

/** A worker whose metrics take longer is not asked again before the next look. */
const SAMPLE_TIMEOUT_MS = 2000;
/** USER_HZ, 100 on every Linux that Node.js runs on. */
const TICKS = 100;

/** Starts `scriptorium worker` with its settings in the environment, on a free port of this machine. */
export function startWorkerProcess({ main, env, log }: WorkerProgram): WorkerProcess {
  const args = ['worker', '--json', '--host', '127.0.0.1', '--port', '0'];
  // Not of the terminal's group: Ctrl-C is for the supervisor, which drains its workers. The channel tells them of its own end.
  const child = fork(main, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let url = '';
  const ready = new Promise<void>((resolve) => {
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const news = readNews(line);
      url = news.url ?? url;
      if (news.type === 'ready') resolve();
    });
  });
  if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => log(`${line}\n`));
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${String(code)}`));
  });
  return {
    ready,
    exited,
    async sample() {
      const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(SAMPLE_TIMEOUT_MS) });
      return { done: readWork(await answer.text()), cpuSeconds: await cpuSeconds(child) };
    },
    drain: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}

function readNews(line: string): { readonly type?: string; readonly url?: string } {
  try {
    const news: unknown = JSON.parse(line);
    if (typeof news !== 'object' || news === null) return {};
    const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
    const type = text('type' in news ? news.type : undefined);
    const url = text('url' in news ? news.url : undefined);
    return { ...(type === undefined ? {} : { type }), ...(url === undefined ? {} : { url }) };
  } catch {
    return {};
  }
}

/** Of a worker and its engines, as Linux tells it (proc(5)); undefined elsewhere. */
async function cpuSeconds({ pid }: ChildProcess): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  try {
    const children = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
    const family = [String(pid), ...children.split(' ').filter((text) => text !== '')];
    const each = await Promise.all(family.map((one) => readFile(`/proc/${one}/stat`, 'utf8').then(ticksOf, () => 0)));
    return each.reduce((sum, ticks) => sum + ticks, 0) / TICKS;
  } catch {
    return undefined;
  }
}

/** User and system time of a line of /proc/PID/stat, fields 14 and 15: its second field is a name in parentheses with anything in it. */
function ticksOf(line: string): number {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
