/** One side of the comparison as a process of its own that keeps its model loaded and answers JSON lines. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { treeUse } from '../measure/processes.ts';
import { exitCode } from './exit-code.ts';

const Loaded = z.object({ versions: z.record(z.string(), z.string()) });
const Word = z.tuple([z.string(), z.number()]);
const Ran = z.object({
  /** One a clip, in the order asked. */
  texts: z.array(z.string()),
  /** Seconds for all clips. */
  wall: z.number(),
  /** Of each clip: words and the second each starts at; only where it was asked for. */
  words: z.array(z.array(Word)).optional(),
  /** Segments that its engine has worked on since it started. */
  segments: z.number().optional(),
});

export type TimedWord = z.infer<typeof Word>;
interface Run extends z.infer<typeof Ran> {
  /** User and system seconds of the side's processes. */
  readonly cpu: number;
}

interface RunRequest {
  /** Raw 32-bit float samples, 16 kHz mono, one file a clip. */
  readonly clips: readonly string[];
  readonly setting: string;
  /** Whether all clips are handed over at once; else one after the other. */
  readonly together?: boolean;
  /** So many at a time; one unless told, all when `together`. */
  readonly atOnce?: number;
  readonly words?: boolean;
}

export interface Side extends AsyncDisposable {
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly pid: number;
  run(request: RunRequest): Promise<Run>;
  /** Does anything else that the process knows. */
  ask(request: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/**
 * Starts the process and has it load its model.
 * @param load what its `load` takes besides the operation's name.
 */
export async function startSide(
  name: string,
  command: readonly [program: string, ...args: string[]],
  load: Readonly<Record<string, unknown>>,
): Promise<Side> {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const notes: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    notes.push(text);
    notes.splice(0, notes.length - 50);
  });
  child.stdin.on('error', () => undefined); // its end is told by the next answer that does not come
  const ended = exitCode(child);
  ended.catch(() => undefined); // a program that cannot be started is told by the first question
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  const ask = async (request: Readonly<Record<string, unknown>>): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const answer = await answers.next();
    if (answer.done === true)
      throw new Error(`${name} ended while it was asked to ${String(request['op'])}:\n${notes.join('')}`);
    return JSON.parse(answer.value);
  };

  const { versions } = Loaded.parse(await ask({ op: 'load', ...load }));
  const pid = child.pid ?? 0;
  return {
    name,
    versions,
    pid,
    ask,
    async run(request) {
      const before = treeUse(pid).cpuSeconds;
      const ran = Ran.parse(await ask({ op: 'run', ...request }));
      return { ...ran, cpu: treeUse(pid).cpuSeconds - before };
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
